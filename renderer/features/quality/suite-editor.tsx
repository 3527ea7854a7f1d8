import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { SuiteOutline } from '../../../preload/contract/quality.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { LinedText, type LinedTextHandle } from '../../components/lined-text.tsx';
import { useAction, useReply } from '../../lib/actions.ts';
import { errorValueOf } from '../../lib/errors.ts';
import css from './quality.module.css';
import { SuiteForm } from './suite-form.tsx';

/** A suite as its text, with what is wrong at its line, and as a form; what the form changes changes the text, and comments stay. */
export function SuiteEditor({ text, onText }: { text: string; onText(text: string): void }) {
  const { t } = useTranslation();
  const inspected = useReply('suites.inspect', { text }, { version: 0 });
  const { run } = useAction();
  const area = useRef<LinedTextHandle>(null);
  const { problems = [], outline = null } = inspected.data ?? {};
  const goToLine = (line: number | null): void => area.current?.goToLine(line);

  async function change(path: (string | number)[], edit: { kind: 'set' | 'add'; value: unknown } | { kind: 'remove' }): Promise<void> {
    const edited = await run('suites.edit', { text, path, change: edit });
    if (edited !== null) onText(edited.text);
  }

  return (
    <div className={css.editor}>
      <section className={css.written}>
        <LinedText ref={area} text={text} label={t('quality.text')} faulty={new Set(problems.map(({ line }) => line))} onText={onText} />
        <div className={css.problems} role="status">
          {inspected.error !== null ? (
            <ErrorNotice error={errorValueOf(inspected.error)} />
          ) : problems.length === 0 ? (
            <span className="quiet">{outline === null ? t('quality.reading') : t('quality.good', { count: outline.cases.length })}</span>
          ) : (
            <ul aria-label={t('quality.problems', { count: problems.length })}>
              {problems.map(({ line, reason }) => (
                <li key={`${line} ${reason}`}>
                  <button type="button" onClick={() => goToLine(line)}>
                    {line !== null && <b>{t('quality.line', { line })} </b>}
                    {reason}
                  </button>
                </li>
              ))}
            </ul>
          )}
        </div>
      </section>
      <Form outline={outline} onChange={(path, edit) => void change(path, edit)} onLine={goToLine} />
    </div>
  );
}

function Form({
  outline,
  onChange,
  onLine,
}: {
  outline: SuiteOutline | null;
  onChange: Parameters<typeof SuiteForm>[0]['onChange'];
  onLine(line: number | null): void;
}) {
  // While the text cannot be read there is nothing to fill in; the problems say what to do.
  return outline === null ? <div className={css.form} /> : <SuiteForm outline={outline} onChange={onChange} onLine={onLine} />;
}
