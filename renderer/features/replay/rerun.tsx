import { Button, Checkbox, NativeSelect, NumberInput, PasswordInput, Progress, SegmentedControl, TextInput } from '@mantine/core';
import { IconPlayerPlay, IconX } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallReply } from '../../../preload/contract/index.ts';
import type { RerunProgress, RerunRemote } from '../../../preload/contract/replay.ts';
import type { SessionDetail } from '../../../preload/contract/sessions.ts';
import type { TalkErrorValue } from '../../../preload/contract/talk-error.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { errorValueOf, isCancelled } from '../../lib/errors.ts';
import { useLab } from '../../lib/lab.ts';
import { useAgents } from '../../lib/streams.ts';
import css from './rerun.module.css';
import { RerunResult } from './rerun-result.tsx';
import { type Layer, RerunSettings } from './rerun-settings.tsx';

type Reply = CallReply<'replay.rerun'>;

/** The recorded speech spoken again, to another agent, engine, firmware or address. */
export function RerunPanel({ detail, conversationId }: { detail: SessionDetail; conversationId: string | null }) {
  const { t } = useTranslation();
  const lab = useLab();
  const agents = useAgents()?.agents ?? [];
  const [agent, setAgent] = useState('');
  const [pace, setPace] = useState<'recorded' | 'turns'>('turns');
  const [layer, setLayer] = useState<Layer>({});
  const [isAsRecorded, setAsRecorded] = useState(false);
  const [isRemote, setRemote] = useState(false);
  const [remote, setRemoteFacts] = useState<RerunRemote>({ address: '' });
  const [progress, setProgress] = useState<RerunProgress | null>(null);
  const [reply, setReply] = useState<Reply | null>(null);
  const [error, setError] = useState<TalkErrorValue | null>(null);
  const running = useRef<AbortController | null>(null);
  const [isRunning, setRunning] = useState(false);
  const { id } = detail.session;
  const spoken = detail.conversations.filter(
    (one) => one.uplinkPackets > 0 && (conversationId === null || one.conversationId === conversationId),
  );
  const gateway = spoken[0]?.gateway ?? '';

  // Leaving the screen ends it, as nobody would see its end.
  useEffect(() => () => running.current?.abort(), []);
  useEffect(
    () =>
      lab.subscribe(
        'replay.reruns',
        {},
        {
          onSnapshot: () => {},
          onDelta: (runs) => setProgress((shown) => runs.findLast((run) => run.sourceSessionId === id) ?? shown),
        },
      ),
    [lab, id],
  );

  async function run(): Promise<void> {
    const abort = new AbortController();
    running.current = abort;
    setRunning(true);
    setError(null);
    setReply(null);
    setProgress(null);
    try {
      const given = Object.fromEntries(Object.entries(remote).filter(([, value]) => value !== '')) as RerunRemote;
      setReply(
        await lab.call(
          'replay.rerun',
          {
            ...{ sessionId: id, pace, settings: layer, isAsRecorded: isAsRecorded && !isRemote },
            ...(conversationId !== null && { conversationId }),
            ...(agent !== '' && !isRemote && { agent }),
            ...(isRemote && { remote: given }),
          },
          { signal: abort.signal },
        ),
      );
    } catch (failure) {
      if (!isCancelled(failure)) setError(errorValueOf(failure));
    } finally {
      setRunning(false);
      running.current = null;
    }
  }

  if (spoken.length === 0) return <p className={css.hint}>{t('replay.again.noUplink')}</p>;
  const put = (facts: Partial<RerunRemote>) => setRemoteFacts((before) => ({ ...before, ...facts }));
  const isReady = !isRemote || remote.address.trim() !== '';
  return (
    <div className={css.columns}>
      <section className={css.form} aria-label={t('replay.again.form')}>
        <div className={css.run}>
          {isRunning ? (
            <Button color="red" variant="light" leftSection={<IconX size={15} />} onClick={() => running.current?.abort()}>
              {t('replay.again.stop')}
            </Button>
          ) : (
            <Button leftSection={<IconPlayerPlay size={15} />} disabled={!isReady} onClick={() => void run()}>
              {t('replay.again.run')}
            </Button>
          )}
          {isRunning && (
            <>
              <Progress
                value={progress === null || progress.totalUs === 0 ? 0 : (100 * progress.doneUs) / progress.totalUs}
                aria-label={t('replay.again.progress')}
              />
              <p role="status">{t(`replay.again.state.${progress?.state ?? 'connecting'}`)}</p>
            </>
          )}
        </div>
        <div className={css.choices}>
          <SegmentedControl
            size="xs"
            aria-label={t('replay.again.where')}
            value={isRemote ? 'remote' : 'here'}
            data={[
              { value: 'here', label: t('replay.again.here') },
              { value: 'remote', label: t('replay.again.remote') },
            ]}
            onChange={(value) => setRemote(value === 'remote')}
          />
          {isRemote ? (
            <>
              <TextInput
                size="xs"
                required
                label={t('replay.again.address')}
                description={gateway === 'trtc' ? t('replay.again.roomHint') : t('replay.again.addressHint', { gateway })}
                placeholder={addressOf[gateway] ?? ''}
                value={remote.address}
                onChange={(event) => put({ address: event.currentTarget.value })}
              />
              <TextInput
                size="xs"
                label={t('replay.again.product')}
                value={remote.productId ?? ''}
                onChange={(event) => put({ productId: event.currentTarget.value })}
              />
              <TextInput
                size="xs"
                label={t('replay.again.device')}
                value={remote.deviceName ?? ''}
                onChange={(event) => put({ deviceName: event.currentTarget.value })}
              />
              <PasswordInput
                size="xs"
                autoComplete="off"
                label={t('replay.again.secret')}
                description={t('replay.again.secretHint')}
                value={remote.secret ?? ''}
                onChange={(event) => put({ secret: event.currentTarget.value })}
              />
              {gateway === 'trtc' && (
                <>
                  <NumberInput
                    size="xs"
                    label="SdkAppId"
                    value={remote.sdkAppId ?? ''}
                    onChange={(value) => typeof value === 'number' && put({ sdkAppId: value })}
                  />
                  <TextInput
                    size="xs"
                    label="RoomId"
                    value={remote.roomId ?? ''}
                    onChange={(event) => put({ roomId: event.currentTarget.value })}
                  />
                </>
              )}
            </>
          ) : (
            <>
              <NativeSelect
                size="xs"
                label={t('replay.again.agent')}
                value={agent}
                data={[{ value: '', label: t('replay.again.sameAgent') }, ...agents.map((each) => ({ value: each.id, label: each.name }))]}
                onChange={(event) => setAgent(event.currentTarget.value)}
              />
              <Checkbox
                size="xs"
                label={t('replay.again.asRecorded')}
                checked={isAsRecorded}
                onChange={(event) => setAsRecorded(event.currentTarget.checked)}
              />
            </>
          )}
          <NativeSelect
            size="xs"
            label={t('replay.again.pace')}
            value={pace}
            data={(['turns', 'recorded'] as const).map((value) => ({ value, label: t(`replay.again.paces.${value}`) }))}
            onChange={(event) => setPace(event.currentTarget.value as typeof pace)}
          />
          {!isRemote && <RerunSettings layer={layer} onChange={setLayer} />}
        </div>
      </section>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <section className={css.result} tabIndex={0} aria-label={t('replay.again.result')} aria-busy={isRunning}>
        {error !== null && <ErrorNotice error={error} />}
        {reply !== null && <RerunResult recorded={detail} reply={reply} />}
        {reply === null && error === null && <p className={css.hint}>{t(isRunning ? 'replay.again.running' : 'replay.again.hint')}</p>}
      </section>
    </div>
  );
}

const addressOf: Readonly<Record<string, string>> = {
  twetalk: 'mqtts://HOST:8883',
  trtc: 'wss://HOST:8443',
  tuya: 'tuya://HOST:1443',
  xiaozhi: 'wss://HOST/xiaozhi/v1/',
};
