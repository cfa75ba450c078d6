import { splitLinks } from '../core/links';

/** Words of a person: always text, never markup. Web and mail addresses in it become links. */
export function PlainText({ text }: { text: string }) {
  return (
    <>
      {splitLinks(text).map((piece, index) =>
        piece.href === null ? (
          piece.text
        ) : (
          <a
            key={`${index} ${piece.href}`}
            href={piece.href}
            target="_blank"
            rel="noopener noreferrer nofollow"
            dir="ltr"
          >
            {piece.text}
          </a>
        ),
      )}
    </>
  );
}

export function Bubble({ text }: { text: string }) {
  return (
    <p class="bubble" dir="auto">
      <PlainText text={text} />
    </p>
  );
}
