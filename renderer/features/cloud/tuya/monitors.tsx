import { Button, TextInput } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TuyaMonitor } from '../../../../preload/contract/cloud/tuya.ts';
import type { CallReply } from '../../../../preload/contract/index.ts';
import { useAction } from '../../../lib/actions.ts';
import { saveFile } from '../../../lib/files.ts';
import css from '../cloud.module.css';
import own from '../services.module.css';

type Recording = CallReply<'tuya.stopMonitor'>['recordings'][number];

const stateClass = { connecting: css.wait, connected: css.good, closed: css.bad } as const;

/** Clients of devices' debug ports: what they counted, and what they heard when they are stopped. */
export function Monitors({ monitors }: { monitors: readonly TuyaMonitor[] }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const [address, setAddress] = useState('');
  const [heard, setHeard] = useState<readonly { address: string; recording: Recording }[]>([]);

  async function stop(monitor: TuyaMonitor): Promise<void> {
    const reply = await run('tuya.stopMonitor', { id: monitor.id });
    if (reply === null) return;
    setHeard((known) => [...reply.recordings.map((recording) => ({ address: monitor.address, recording })), ...known].slice(0, 40));
  }

  return (
    <section aria-labelledby="tuya-monitors">
      <div className={own.row} style={{ justifyContent: 'space-between' }}>
        <h2 id="tuya-monitors">{t('tuya.monitors')}</h2>
        <a className={own.link} href="#/wire?gateway=tuya-monitor">
          {t('cloud.onWire')}
        </a>
      </div>
      <form
        className={own.row}
        onSubmit={(event) => {
          event.preventDefault();
          if (address !== '') void run('tuya.startMonitor', { address }).then((started) => started !== null && setAddress(''));
        }}
      >
        <TextInput
          className={own.grow}
          size="xs"
          maxLength={255}
          aria-label={t('tuya.monitorAddress')}
          placeholder={t('tuya.monitorAddress')}
          value={address}
          onChange={(event) => setAddress(event.currentTarget.value.trim())}
        />
        <Button size="xs" type="submit" variant="default" disabled={isBusy || address === ''}>
          {t('tuya.monitorStart')}
        </Button>
      </form>
      {monitors.length === 0 && <p className="quiet">{t('tuya.noMonitors')}</p>}
      {monitors.length > 0 && (
        <table className={css.table}>
          <thead>
            <tr>
              <th>{t('tuya.device')}</th>
              <th style={{ width: 190 }}>{t('tuya.state')}</th>
              <th style={{ width: 90 }}>{t('tuya.packetCount')}</th>
              <th style={{ width: 220 }}>{t('tuya.sound')}</th>
              <th style={{ width: 80 }}>
                <span className="quiet">{t('tuya.recordings')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {monitors.map((monitor) => (
              <tr key={monitor.id}>
                <td className="mono">{monitor.address}</td>
                <td className={stateClass[monitor.state]} title={monitor.reason ?? undefined}>
                  {t(`tuya.monitorState.${monitor.state}`)} {monitor.reason ?? ''}
                </td>
                <td>{monitor.packets}</td>
                <td>
                  {Object.entries(monitor.audioSeconds)
                    .map(([channel, seconds]) => `${channel} ${seconds.toFixed(1)} s`)
                    .join(' · ')}
                </td>
                <td>
                  <Button size="compact-xs" variant="default" disabled={isBusy} onClick={() => void stop(monitor)}>
                    {t('tuya.monitorStop')}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {heard.length > 0 && (
        <ul className={own.chips} style={{ marginTop: 8 }}>
          {heard.map(({ address: from, recording }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the newest stand in front, and none goes
            <li key={`${heard.length - index}`}>
              {from} · {recording.channel}
              <Button
                size="compact-xs"
                variant="subtle"
                aria-label={t('tuya.saveRecording', { channel: recording.channel })}
                onClick={() => saveFile(`tuya-${from.replace(/[^\w.-]/gu, '-')}-${recording.channel}.wav`, recording.wav)}
              >
                <IconDownload size={13} aria-hidden />
              </Button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
