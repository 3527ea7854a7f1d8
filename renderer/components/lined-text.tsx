import { type Ref, useImperativeHandle, useRef } from 'react';
import css from './lined-text.module.css';

export interface LinedTextHandle {
  /** From 1; the first where nobody knows which. */
  goToLine(line: number | null): void;
}

interface LinedTextProps {
  text: string;
  label: string;
  /** Lines with something wrong, from 1. */
  faulty: ReadonlySet<number | null>;
  ref: Ref<LinedTextHandle>;
  onText(text: string): void;
}

/** A text with the numbers of its lines; what is wrong is marked at its line. */
export function LinedText({ text, label, faulty, ref, onText }: LinedTextProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const numbers = useRef<HTMLPreElement>(null);
  const lines = text.split('\n');
  useImperativeHandle(ref, () => ({
    goToLine(wanted) {
      const line = wanted ?? 1;
      const own = (area.current?.value ?? '').split('\n');
      const from = own.slice(0, line - 1).reduce((length, each) => length + each.length + 1, 0);
      area.current?.focus();
      area.current?.setSelectionRange(from, from + (own[line - 1]?.length ?? 0));
    },
  }));
  return (
    <div className={css.text}>
      <pre ref={numbers} aria-hidden>
        {lines.map((_, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
          <span key={i} data-faulty={faulty.has(i + 1)}>
            {i + 1}
            {'\n'}
          </span>
        ))}
      </pre>
      <textarea
        ref={area}
        value={text}
        spellCheck={false}
        wrap="off"
        aria-label={label}
        aria-invalid={faulty.size > 0}
        onChange={(event) => onText(event.currentTarget.value)}
        onScroll={(event) => {
          if (numbers.current !== null) numbers.current.scrollTop = event.currentTarget.scrollTop;
        }}
      />
    </div>
  );
}
