/** The product's mark, as the server's pages draw it: a voice in a speech bubble. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path class="mark-ground" d="M9 0h14a9 9 0 0 1 9 9v14a9 9 0 0 1-9 9H4a4 4 0 0 1-4-4V9a9 9 0 0 1 9-9Z" />
      <path class="mark-voice" d="M8 14v4M12 11v10M16 8v16M20 11v10M24 14v4" />
    </svg>
  );
}
