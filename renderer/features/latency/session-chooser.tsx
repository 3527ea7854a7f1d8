import { Button, Checkbox, Popover, TextInput } from '@mantine/core';
import { IconChevronDown, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { wallText } from '../../lib/quantities.ts';
import { sessionTitle } from '../../lib/session-title.ts';
import css from './latency.module.css';
import type { ChosenSessions } from './latency-data.ts';

/** Which sessions are looked at, of all that have turns. */
export function SessionChooser({
  chosen,
  label,
  onChoose,
}: {
  chosen: Pick<ChosenSessions, 'ids' | 'all'>;
  label: string;
  onChoose(ids: string[]): void;
}) {
  const { t } = useTranslation();
  const [words, setWords] = useState('');
  const ids = new Set(chosen.ids);
  const needle = words.toLowerCase();
  const found = chosen.all.filter((session) =>
    [sessionTitle(session), session.note, session.id, ...session.boards].some((text) => text.toLowerCase().includes(needle)),
  );
  const [only] = chosen.all.filter(({ id }) => ids.has(id));
  const text = ids.size === 1 && only !== undefined ? sessionTitle(only) : t('latency.sessionsChosen', { count: ids.size });
  function toggle(id: string): void {
    onChoose(ids.has(id) ? chosen.ids.filter((each) => each !== id) : [...chosen.ids, id]);
  }
  return (
    <Popover position="bottom-start" withinPortal trapFocus>
      <Popover.Target>
        <Button variant="default" aria-label={`${label}: ${text}`} rightSection={<IconChevronDown size={14} aria-hidden />} maw={260}>
          {text}
        </Button>
      </Popover.Target>
      <Popover.Dropdown w={380}>
        <div className={css.popover}>
          <TextInput
            placeholder={t('latency.findSession')}
            aria-label={t('latency.findSession')}
            leftSection={<IconSearch size={14} aria-hidden />}
            value={words}
            data-autofocus
            onChange={(event) => setWords(event.currentTarget.value)}
          />
          <div>
            <Button size="compact-xs" variant="subtle" onClick={() => onChoose([...new Set([...ids, ...found.map(({ id }) => id)])])}>
              {t('latency.chooseAll')}
            </Button>
            <Button size="compact-xs" variant="subtle" color="gray" onClick={() => onChoose([])}>
              {t('latency.chooseNone')}
            </Button>
          </div>
          <div className={css.choices}>
            {found.length === 0 && <span className="quiet">{t('latency.noSessionFound')}</span>}
            {found.slice(0, 300).map((session) => (
              <Checkbox
                key={session.id}
                checked={ids.has(session.id)}
                onChange={() => toggle(session.id)}
                label={
                  <>
                    {sessionTitle(session)}{' '}
                    <span className="quiet">
                      {wallText(session.startedWallMs)} · {session.turnCount} {t('latency.turnsAxis')}
                    </span>
                  </>
                }
              />
            ))}
          </div>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
