/** Bytes as sixteen a line: offset, hexadecimal, ASCII. At most `limit` are shown; the rest is counted. */
export function BytesView({ bytes, label = 'hex', limit = 1024 }: { bytes: Uint8Array; label?: string; limit?: number }) {
  const shown = bytes.subarray(0, limit);
  const lines = Array.from({ length: Math.ceil(shown.length / 16) }, (_, line) => {
    const part = [...shown.subarray(line * 16, line * 16 + 16)];
    const hex = part.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const ascii = part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('');
    return `${(line * 16).toString(16).padStart(4, '0')}  ${hex.padEnd(47)}  ${ascii}`;
  });
  if (bytes.length > limit) lines.push(`… +${bytes.length - limit}`);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard
    <section aria-label={label} tabIndex={0} style={{ overflow: 'auto' }}>
      <pre className="mono" style={{ margin: 0 }}>
        {lines.join('\n')}
      </pre>
    </section>
  );
}
