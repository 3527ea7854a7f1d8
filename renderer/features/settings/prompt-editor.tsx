import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import css from './prompt-editor.module.css';
import { isKnownVariable, knownVariables, promptParts } from './prompt-variables.ts';

export interface PromptEditorProps {
  id: string;
  value: string;
  maxLength: number;
  onChange(value: string): void;
}

/**
 * A template with its `${places}` marked: the same text lies behind the field, letters clear, places coloured. Applied when the field
 * is left, or a variable put in.
 */
export function PromptEditor({ id, value, maxLength, onChange }: PromptEditorProps) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState(value);
  const field = useRef<HTMLTextAreaElement>(null);
  const behind = useRef<HTMLDivElement>(null);
  const parts = promptParts(draft);
  const unknown = [...new Set(parts.flatMap(({ variable }) => (variable === null || isKnownVariable(variable) ? [] : [variable])))];

  function insert(name: string): void {
    const at = field.current?.selectionStart ?? draft.length;
    const to = field.current?.selectionEnd ?? at;
    const place = `\${${name}}`;
    setDraft(`${draft.slice(0, at)}${place}${draft.slice(to)}`);
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(at + place.length, at + place.length);
    });
  }

  return (
    <div className={css.editor}>
      <div className={css.sheet}>
        <div className={css.behind} ref={behind} aria-hidden>
          {parts.map(({ at, text, variable }) =>
            variable === null ? (
              text
            ) : (
              <mark key={at} data-known={isKnownVariable(variable)}>
                {text}
              </mark>
            ),
          )}
          {'\n'}
        </div>
        <textarea
          id={id}
          ref={field}
          className={css.field}
          maxLength={maxLength}
          spellCheck={false}
          value={draft}
          onChange={(event) => setDraft(event.currentTarget.value)}
          onScroll={(event) => {
            if (behind.current !== null) behind.current.scrollTop = event.currentTarget.scrollTop;
          }}
          onBlur={() => draft !== value && onChange(draft)}
        />
      </div>
      <div className={css.variables}>
        <span className="quiet">{t('settings.prompt.variables')}</span>
        {knownVariables.map((name) => (
          <button
            key={name}
            type="button"
            title={t(`settings.prompt.variable.${name}`)}
            // The field keeps the focus, and with it the place where the variable goes.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => insert(name)}
          >
            {`\${${name}}`}
          </button>
        ))}
      </div>
      {unknown.length > 0 && (
        <div className={css.unknown}>
          {t('settings.prompt.unknown')} <span className="mono">{unknown.map((name) => `\${${name}}`).join(' ')}</span>
        </div>
      )}
    </div>
  );
}
