/** A piece of a text: plain, or a link to show as `text`. */
export type Piece = { text: string; href: string | null };

/** Without signs that turn the reading direction: with them an address could show another host than its own. */
const candidate =
  /(?:https?:\/\/|mailto:|www\.)[^\s<>"'`\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+/giu;
/** One recipient and nothing else: further parts could fill in other recipients, a subject or a text. */
const mailAddress = /^mailto:[\w.+-]+@[\w-]+(?:\.[\w-]+)+$/iu;
const closing: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/** Without what belongs to the sentence: a full stop, or a bracket that was opened before the link. */
function trimmed(link: string): string {
  const last = link.at(-1) ?? '';
  const opener = closing[last];
  const isOpenedInside = opener !== undefined && link.split(opener).length >= link.split(last).length;
  const isSentence = /[.,;:!?…»”’]/u.test(last) || (opener !== undefined && !isOpenedInside);
  return isSentence ? trimmed(link.slice(0, -1)) : link;
}

/** The address behind a link; null for what is no web or mail address. */
function addressOf(link: string): string | null {
  const lower = link.toLowerCase();
  if (lower.startsWith('mailto:')) return mailAddress.test(link) ? link : null;
  if (!lower.startsWith('http') && !lower.startsWith('www.')) return `mailto:${link}`;
  try {
    const url = new URL(lower.startsWith('www.') ? `https://${link}` : link);
    const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
    return isWeb && url.hostname.length > 0 ? url.href : null;
  } catch {
    return null;
  }
}

/** Cuts a text at its http, https and mail addresses. Joined together the pieces are the text again. */
export function splitLinks(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  const plain = (until: number) => {
    if (until > from) pieces.push({ text: text.slice(from, until), href: null });
  };
  for (const match of text.matchAll(candidate)) {
    const link = trimmed(match[0]);
    const href = addressOf(link);
    if (href === null) continue;
    plain(match.index);
    pieces.push({ text: link, href });
    from = match.index + link.length;
  }
  plain(text.length);
  return pieces;
}
