import { Button, TextInput } from '@mantine/core';
import { IconDownload, IconPhone } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallContact, CallRecord } from '../../../../preload/contract/cloud/twetalk.ts';
import type { DeviceRecord } from '../../../../preload/contract/pipeline.ts';
import type { TalkErrorValue } from '../../../../preload/contract/talk-error.ts';
import { ErrorNotice } from '../../../components/error-notice.tsx';
import { useAction } from '../../../lib/actions.ts';
import { errorValueOf } from '../../../lib/errors.ts';
import { saveFile } from '../../../lib/files.ts';
import { useLab } from '../../../lib/lab.ts';
import { durationText } from '../../../lib/quantities.ts';
import cloud from '../cloud.module.css';
import { CloudSettings } from '../cloud-settings.tsx';
import { CallButtons } from './call-buttons.tsx';
import { type CallAudio, CallSound, isUnready } from './call-sound.tsx';
import { useCalls, useLiveDevice } from './device-streams.ts';
import css from './devices.module.css';
import { timeText } from './time-text.ts';

/** Calls between the board and the mini-program, which the bench plays. */
export function CallsPart({ device }: { device: DeviceRecord }) {
  const { t } = useTranslation();
  const lab = useLab();
  const live = useLiveDevice(device);
  const calls = useCalls().filter((call) => call.productId === device.productId && call.deviceName === device.deviceName);
  const now = calls.find(({ state }) => state !== 'ended');
  const [caller, setCaller] = useState<CallContact>({ name: t('devices.call.callerDefault'), openId: 'operator' });
  const [audio, setAudio] = useState<CallAudio>({ kind: 'silence' });
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<TalkErrorValue | null>(null);

  async function ring(): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      const { productId, deviceName } = device;
      await lab.call('calls.ring', { productId, deviceName, caller, audio });
    } catch (error) {
      setProblem(errorValueOf(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <div className={css.columns}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <section className={css.body} tabIndex={0} aria-label={t('devices.part.calls')}>
        <form
          className={css.card}
          onSubmit={(event) => {
            event.preventDefault();
            void ring();
          }}
        >
          <div className={css.form}>
            <TextInput
              label={t('devices.call.caller')}
              maxLength={31}
              value={caller.name}
              onChange={(event) => setCaller({ ...caller, name: event.currentTarget.value })}
            />
            <TextInput
              label="openid"
              required
              maxLength={63}
              classNames={{ input: 'mono' }}
              value={caller.openId}
              onChange={(event) => setCaller({ ...caller, openId: event.currentTarget.value })}
            />
            <CallSound value={audio} onChange={setAudio} />
          </div>
          <div className={css.row}>
            {now === undefined ? (
              <Button type="submit" loading={isBusy} disabled={isUnready(audio)} leftSection={<IconPhone size={14} aria-hidden />}>
                {t('devices.call.ring')}
              </Button>
            ) : (
              <>
                <strong role="status">
                  {t(`devices.call.now.${now.state === 'talking' ? 'talking' : now.stream}`, {
                    name: now.contact.name || now.contact.openId,
                  })}
                </strong>
                <CallButtons call={now} audio={audio} />
              </>
            )}
          </div>
          {problem !== null && <ErrorNotice error={problem} />}
        </form>
        <section aria-labelledby="calls-log">
          <h2 id="calls-log">{t('devices.call.log')}</h2>
          {calls.length === 0 ? <p className="quiet">{t('devices.call.none')}</p> : <CallLog calls={calls} />}
        </section>
        <Contacts contacts={live?.contacts ?? []} miniProgram={live?.miniProgram ?? null} onChoose={setCaller} />
      </section>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <aside className={css.side} tabIndex={0} aria-label={t('cloud.settings')}>
        <CloudSettings group="twetalk" title={t('devices.call.phone')} names={['phone', 'phoneErrorCode', 'ringTimeoutS']} />
        <p className="quiet">{t('devices.call.phoneHint')}</p>
      </aside>
    </div>
  );
}

function CallLog({ calls }: { calls: readonly CallRecord[] }) {
  const { t } = useTranslation();
  const { run } = useAction();
  async function save({ callId }: CallRecord): Promise<void> {
    const heard = await run('calls.heard', { callId });
    if (heard !== null) saveFile(`call-${callId.slice(0, 8)}.wav`, heard.wav);
  }
  return (
    <table className={cloud.table}>
      <thead>
        <tr>
          <th style={{ width: 110 }}>{t('devices.call.time')}</th>
          <th style={{ width: 30 }} aria-label={t('devices.call.way')} />
          <th>{t('devices.call.who')}</th>
          <th style={{ width: 170 }}>{t('devices.call.end')}</th>
          <th style={{ width: 70 }}>{t('devices.call.talked')}</th>
          <th style={{ width: 44 }} aria-label={t('devices.call.heard')} />
        </tr>
      </thead>
      <tbody>
        {calls.map((call) => (
          <tr key={call.callId}>
            <td className="mono">{timeText(call.startedWallMs)}</td>
            <td title={t(`devices.call.stream.${call.stream}`)}>
              <span role="img" aria-label={t(`devices.call.stream.${call.stream}`)}>
                {call.stream === 'user_to_device' ? '→' : '←'}
              </span>
            </td>
            <td title={call.contact.openId}>{call.contact.name || call.contact.openId}</td>
            <td className={call.end === 'error' || call.end === 'disconnected' ? css.bad : undefined}>
              {call.end === null ? t(`devices.call.state.${call.state}`) : t(`devices.call.endOf.${call.end}`)}
              {call.code === null ? '' : ` ${call.code}`}
            </td>
            <td>{call.talkingMs === 0 ? '—' : durationText(call.talkingMs * 1000)}</td>
            <td>
              {call.talkingMs > 0 && (
                <Button
                  size="compact-xs"
                  variant="subtle"
                  aria-label={t('devices.call.saveHeard', { time: timeText(call.startedWallMs) })}
                  onClick={() => void save(call)}
                >
                  <IconDownload size={13} aria-hidden />
                </Button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface ContactsProps {
  contacts: readonly CallContact[];
  miniProgram: { appId: string; modelId: string } | null;
  onChoose(contact: CallContact): void;
}

/** The address book the board sent: whom its user may call, and who may call it. */
function Contacts({ contacts, miniProgram, onChoose }: ContactsProps) {
  const { t } = useTranslation();
  return (
    <section aria-labelledby="calls-contacts">
      <h2 id="calls-contacts">{t('devices.call.contacts')}</h2>
      {miniProgram !== null && (
        <p className="quiet">
          {t('devices.call.miniProgram')} <span className="mono">{miniProgram.appId}</span>{' '}
          <span className="mono">{miniProgram.modelId}</span>
        </p>
      )}
      {contacts.length === 0 ? (
        <p className="quiet">{t('devices.call.noContacts')}</p>
      ) : (
        <table className={cloud.table}>
          <tbody>
            {contacts.map((contact) => (
              <tr key={contact.openId}>
                <td>
                  <button type="button" className={cloud.open} title={t('devices.call.asCaller')} onClick={() => onChoose(contact)}>
                    {contact.name || contact.openId}
                  </button>
                </td>
                <td className="mono" title={contact.openId}>
                  {contact.openId}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
