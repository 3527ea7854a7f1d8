import { Button, Checkbox, FileButton, NumberInput } from '@mantine/core';
import { IconFile, IconPlayerPlay } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LogReplaySource, LogReplayState } from '../../../preload/contract/replay.ts';
import type { SessionDetail } from '../../../preload/contract/sessions.ts';
import { useAction } from '../../lib/actions.ts';
import { useLab } from '../../lib/lab.ts';
import { LogPlayerCard } from './log-player.tsx';
import css from './rerun.module.css';

/** The recorded logs into the monitor, at their own speed. */
export function LogReplayPanel({ detail }: { detail: SessionDetail }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const playing = useLogReplays();
  const ports = detail.ports.filter(({ rawBytes }) => rawBytes > 0);
  const [chosen, setChosen] = useState<readonly string[]>(ports.map(({ address }) => address));
  const [linesPerSecond, setLinesPerSecond] = useState(20);

  const start = (source: LogReplaySource) => run('replay.startLog', { source, linesPerSecond });
  async function startFiles(files: readonly File[]): Promise<void> {
    const read = await Promise.all(files.map(async (file) => ({ name: file.name, data: new Uint8Array(await file.arrayBuffer()) })));
    if (read.length > 0) await start({ kind: 'files', files: read });
  }

  return (
    <div className={css.columns}>
      <section className={css.form} aria-label={t('replay.log.sources')}>
        <div className={css.sources}>
          {ports.length === 0 && <p className={css.facts}>{t('replay.log.noPorts')}</p>}
          {ports.map(({ address, rowCount, rawBytes }) => (
            <Checkbox
              key={address}
              size="xs"
              label={address}
              description={t('replay.log.port', { rows: rowCount, bytes: rawBytes })}
              checked={chosen.includes(address)}
              onChange={(event) => {
                const isChosen = event.currentTarget.checked;
                setChosen((before) => (isChosen ? [...before, address] : before.filter((each) => each !== address)));
              }}
            />
          ))}
          {ports.length > 0 && (
            <Button
              leftSection={<IconPlayerPlay size={15} />}
              disabled={isBusy || chosen.length === 0}
              onClick={() => void start({ kind: 'session', sessionId: detail.session.id, ports: [...chosen] })}
            >
              {t('replay.log.play')}
            </Button>
          )}
          <FileButton multiple onChange={(files) => void startFiles(files)}>
            {(props) => (
              <Button {...props} variant="default" leftSection={<IconFile size={15} />} disabled={isBusy}>
                {t('replay.log.files')}
              </Button>
            )}
          </FileButton>
          <NumberInput
            size="xs"
            label={t('replay.log.linesPerSecond')}
            description={t('replay.log.linesHint')}
            min={0.1}
            max={10_000}
            value={linesPerSecond}
            onChange={(value) => typeof value === 'number' && value >= 0.1 && setLinesPerSecond(value)}
          />
        </div>
      </section>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <section className={css.result} tabIndex={0} aria-label={t('replay.log.playing')}>
        {playing.length === 0 && <p className={css.hint}>{t('replay.log.hint')}</p>}
        {playing.map((state) => (
          <LogPlayerCard key={state.id} state={state} />
        ))}
      </section>
    </div>
  );
}

function useLogReplays(): readonly LogReplayState[] {
  const lab = useLab();
  const [states, setStates] = useState<readonly LogReplayState[]>([]);
  useEffect(
    () =>
      lab.subscribe(
        'replay.logs',
        {},
        {
          onSnapshot: setStates,
          onDelta: (items) =>
            setStates((before) => {
              let now = before;
              for (const { state, removedId } of items) {
                now = now.filter(({ id }) => id !== removedId);
                if (state === null) continue;
                now = now.some(({ id }) => id === state.id) ? now.map((each) => (each.id === state.id ? state : each)) : [...now, state];
              }
              return now;
            }),
        },
      ),
    [lab],
  );
  return states;
}
