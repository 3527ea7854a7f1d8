import { ActionIcon, Button, NativeSelect, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SuiteOutline } from '../../../preload/contract/quality.ts';
import { sessionTitle } from '../../lib/session-title.ts';
import { useSessionList } from '../../lib/streams.ts';
import { type ExpectationKind, expectationKinds, expectationOf, firstValues } from './expectation-kinds.ts';
import css from './quality.module.css';

interface SuiteFormProps {
  outline: SuiteOutline;
  onChange(path: (string | number)[], edit: { kind: 'set' | 'add'; value: unknown } | { kind: 'remove' }): void;
  onLine(line: number | null): void;
}

/** Cases and what is expected of them. */
export function SuiteForm({ outline, onChange, onLine }: SuiteFormProps) {
  const { t } = useTranslation();
  const sessions = useSessionList() ?? [];
  const [sessionId, setSessionId] = useState('');
  const chosen = sessionId === '' ? (sessions[0]?.id ?? '') : sessionId;
  const titleOf = (subject: string) => {
    const session = sessions.find(({ id }) => id === subject);
    return session === undefined ? subject : sessionTitle(session);
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard
    <section className={css.form} aria-label={t('quality.form')} tabIndex={0}>
      <Expectations
        title={t('quality.everyCase')}
        expectations={outline.expectations}
        path={['expect']}
        onChange={onChange}
        onLine={onLine}
      />
      {outline.cases.map((each, i) => (
        <div key={each.name} className={css.case}>
          <header>
            <button type="button" className={css.caseName} onClick={() => onLine(each.line)}>
              {each.name}
            </button>
            {each.how === 'scenario' ? (
              <small className="quiet">{t('quality.how.scenario')}</small>
            ) : (
              <NativeSelect
                size="xs"
                aria-label={`${t('quality.howLabel')}: ${each.name}`}
                value={each.how}
                data={(['check', 'resimulate', 'rerun'] as const).map((how) => ({ value: how, label: t(`quality.how.${how}`) }))}
                onChange={(event) => onChange(['cases', i, 'how'], { kind: 'set', value: event.currentTarget.value })}
              />
            )}
            {outline.cases.length > 1 && (
              <ActionIcon
                size="sm"
                variant="subtle"
                aria-label={t('quality.removeIt', { text: each.name })}
                onClick={() => onChange(['cases', i], { kind: 'remove' })}
              >
                <IconX size={13} />
              </ActionIcon>
            )}
          </header>
          <small className="quiet truncate">{titleOf(each.subject)}</small>
          <Expectations
            title={each.name}
            isTitleHidden
            expectations={each.expectations}
            path={['cases', i, 'expect']}
            onChange={onChange}
            onLine={onLine}
          />
        </div>
      ))}
      {sessions.length > 0 && (
        <div className={css.adding}>
          <NativeSelect
            size="xs"
            aria-label={t('quality.session')}
            value={chosen}
            data={sessions.map((session) => ({ value: session.id, label: sessionTitle(session) }))}
            onChange={(event) => setSessionId(event.currentTarget.value)}
          />
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<IconPlus size={13} />}
            onClick={() =>
              onChange(['cases'], {
                kind: 'add',
                value: { name: nameFor(outline, titleOf(chosen)), session: chosen, how: 'check', expect: [] },
              })
            }
          >
            {t('quality.addCase')}
          </Button>
        </div>
      )}
    </section>
  );
}

/** Names of cases are unique. */
function nameFor({ cases }: SuiteOutline, title: string): string {
  const base = title.slice(0, 100);
  const names = new Set(cases.map(({ name }) => name));
  let name = base;
  for (let number = 2; names.has(name); number++) name = `${base} (${number})`;
  return name;
}

interface ExpectationsProps {
  title: string;
  isTitleHidden?: boolean;
  expectations: SuiteOutline['expectations'];
  path: (string | number)[];
  onChange: SuiteFormProps['onChange'];
  onLine: SuiteFormProps['onLine'];
}

function Expectations({ title, isTitleHidden = false, expectations, path, onChange, onLine }: ExpectationsProps) {
  const { t } = useTranslation();
  const [kind, setKind] = useState<ExpectationKind>('transcript');
  const [value, setValue] = useState('');
  const takesValue = firstValues[kind] !== null;
  return (
    <div className={css.expectations}>
      {!isTitleHidden && <h3>{title}</h3>}
      <ul>
        {expectations.map(({ text, line }, i) => (
          <li key={`${line} ${text}`}>
            <button type="button" onClick={() => onLine(line)}>
              {text}
            </button>
            <ActionIcon
              size="xs"
              variant="subtle"
              aria-label={t('quality.removeIt', { text })}
              onClick={() => onChange([...path, i], { kind: 'remove' })}
            >
              <IconX size={12} />
            </ActionIcon>
          </li>
        ))}
      </ul>
      <form
        className={css.adding}
        onSubmit={(event) => {
          event.preventDefault();
          if (!takesValue || value !== '') onChange(path, { kind: 'add', value: expectationOf(kind, value) });
        }}
      >
        <NativeSelect
          size="xs"
          aria-label={`${t('quality.kind')}: ${title}`}
          value={kind}
          data={expectationKinds.map((each) => ({ value: each, label: t(`quality.kinds.${each}`) }))}
          onChange={(event) => {
            const chosen = expectationKinds.find((each) => each === event.currentTarget.value) ?? 'transcript';
            setKind(chosen);
            setValue(firstValues[chosen] ?? '');
          }}
        />
        {takesValue && (
          <TextInput
            size="xs"
            aria-label={`${t('quality.value')}: ${title}`}
            placeholder={t('quality.value')}
            value={value}
            onChange={(event) => setValue(event.currentTarget.value)}
          />
        )}
        <Button
          size="compact-xs"
          variant="default"
          type="submit"
          disabled={takesValue && value === ''}
          aria-label={`${t('quality.addExpectation')}: ${title}`}
        >
          {t('quality.add')}
        </Button>
      </form>
    </div>
  );
}
