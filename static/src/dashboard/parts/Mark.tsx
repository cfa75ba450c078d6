const bars = [3, 7, 11, 7, 3];

/** The product's mark: a voice, drawn as five bars. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="currentColor" />
      <g stroke="var(--on-accent)" stroke-width="2.25" stroke-linecap="round">
        {bars.map((height, index) => (
          <path key={`${index} ${height}`} d={`M${7.5 + index * 4.25} ${16 - height / 2}v${height}`} />
        ))}
      </g>
    </svg>
  );
}
