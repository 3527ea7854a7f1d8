import { Alert } from '@mantine/core';
import { IconRefreshAlert } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TalkErrorValue } from '../../../preload/contract/talk-error.ts';
import { useReply } from '../../lib/actions.ts';
import { useEngineChoices } from '../../lib/engine-choices.ts';
import { errorValueOf } from '../../lib/errors.ts';
import { useLab } from '../../lib/lab.ts';
import { setParameters, useParameters } from '../../lib/location.ts';
import { useSettings } from '../../lib/streams.ts';
import { LatencyCost, partsOf } from '../engines/latency-cost.tsx';
import { FieldEditor } from './field-editor.tsx';
import { type Field, fields, groupNames } from './fields.ts';
import css from './settings.module.css';

/** Every setting, applied as soon as it is valid. Secrets are not settings and are never here. */
export function SettingsScreen() {
  const { t } = useTranslation();
  const lab = useLab();
  const settings = useSettings();
  const stored = useReply('settings.get', {});
  const engines = useEngineChoices();
  const [restartNeeded, setRestartNeeded] = useState<readonly string[]>([]);
  const [refused, setRefused] = useState<Readonly<Record<string, TalkErrorValue>>>({});
  const body = useRef<HTMLElement>(null);
  const isReady = settings !== null;
  const wanted = useParameters().get('group');
  // A link to a group leads to it, once.
  useEffect(() => {
    if (!isReady || wanted === null) return;
    body.current?.querySelector(`#group-${CSS.escape(wanted)}`)?.scrollIntoView({ block: 'start' });
    setParameters({ group: null });
  }, [isReady, wanted]);
  if (settings === null) return null;

  function change(group: string, name: string, value: unknown): void {
    const key = `${group}.${name}`;
    lab.call('settings.set', { changes: { [group]: { [name]: value } } }).then(
      (reply) => {
        setRefused((known) => Object.fromEntries(Object.entries(known).filter(([other]) => other !== key)));
        setRestartNeeded((keys) => [...new Set([...keys, ...reply.restartNeeded])]);
      },
      (error: unknown) => setRefused((known) => ({ ...known, [key]: errorValueOf(error) })),
    );
  }

  const values = settings as unknown as Record<string, Record<string, unknown>>;
  return (
    <div className={css.screen}>
      <nav className={css.index} aria-label={t('settings.groups')}>
        <h1>{t('frame.settings')}</h1>
        {groupNames.map((group) => (
          <button
            key={group}
            type="button"
            onClick={() => body.current?.querySelector(`#group-${group}`)?.scrollIntoView({ block: 'start' })}
          >
            {t(`settings.group.${group}`)}
          </button>
        ))}
      </nav>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <section className={css.body} ref={body} tabIndex={0} aria-label={t('frame.settings')}>
        {restartNeeded.length > 0 && (
          <Alert className={css.restart} color="yellow" variant="light" icon={<IconRefreshAlert size={18} />} py="xs">
            {t('settings.restartNeeded', { keys: restartNeeded.map((key) => labelOf(t, key)).join(', ') })}
          </Alert>
        )}
        {(stored.data?.problems ?? []).map((problem) => (
          <Alert key={problem.key} color="red" variant="light" py="xs">
            {t('settings.stored', { key: problem.key, issue: problem.issue })}
          </Alert>
        ))}
        {groupNames.map((group) => (
          <section key={group} id={`group-${group}`} className={css.group} aria-labelledby={`title-${group}`}>
            <h2 id={`title-${group}`}>{t(`settings.group.${group}`)}</h2>
            {Object.entries(fields[group] as Record<string, Field>).map(([name, field]) => (
              <FieldEditor
                key={name}
                name={`${group}.${name}`}
                field={field}
                value={values[group]?.[name]}
                engines={engines}
                error={refused[`${group}.${name}`] ?? null}
                onChange={(value) => change(group, name, value)}
              />
            ))}
            {partsOf[group] !== undefined && <LatencyCost parts={partsOf[group]} isHiddenEmpty />}
          </section>
        ))}
      </section>
    </div>
  );
}

/** A label by its whole key: every key of every language at once is more than the type checker unfolds. */
function labelOf(t: (key: string, otherwise: string) => string, key: string): string {
  return t(`settings.field.${key}.label`, key);
}
