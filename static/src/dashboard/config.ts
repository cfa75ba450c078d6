import type { Member, NamedRef } from '../core/protocol';

export type Links = {
  team: string;
  widgets: string;
  settings: string;
  signOut: string;
  /** takes the choice of a theme */
  preferences: string;
};

/** What the page says about itself, in `<script type="application/json" id="console-config">`. */
export type ConsoleConfig = {
  socketUrl: string;
  /** with a slash at its end */
  apiUrl: string;
  /** the name of the cookie that holds the CSRF token */
  csrfCookie: string;
  locale: string;
  member: Member;
  organization: NamedRef;
  links: Links;
};

/** Throws where the page holds no readable configuration: then nothing else can work either. */
export function readConfig(page: Document): ConsoleConfig {
  const element = page.getElementById('console-config');
  if (!element) throw new Error('the page has no console-config');
  return JSON.parse(element.textContent ?? '') as ConsoleConfig;
}

/** The value of one cookie, or an empty text. */
export function readCookie(cookies: string, name: string): string {
  const found = cookies.split('; ').find((pair) => pair.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : '';
}
