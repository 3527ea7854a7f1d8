import { Button } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallbackDelivery, ReceivedCallback } from '../../../../preload/contract/cloud/callbacks.ts';
import { useAction } from '../../../lib/actions.ts';
import { wallText } from '../../../lib/quantities.ts';
import { type Fold, useSharedStream } from '../../../lib/shared-stream.ts';
import { useCoreStatus, useSettings } from '../../../lib/streams.ts';
import css from '../cloud.module.css';
import { CloudSettings } from '../cloud-settings.tsx';
import { SignKey } from './sign-key.tsx';

type Listed = { id: string };

/** The newest first; one that is told again takes its place. */
function newestFirst<Item extends Listed>(list: readonly Item[], items: readonly (Item | { isCleared: true })[]): Item[] {
  let next = [...list];
  for (const item of items) {
    if ('isCleared' in item) next = [];
    else if (next.some(({ id }) => id === item.id)) next = next.map((each) => (each.id === item.id ? item : each));
    else next = [item, ...next];
  }
  return next.slice(0, 300);
}

const deliveriesFold: Fold<'callbacks.deliveries', CallbackDelivery[]> = { start: (list) => list.toReversed(), apply: newestFirst };
const receivedFold: Fold<'callbacks.received', ReceivedCallback[]> = { start: (list) => list.toReversed(), apply: newestFirst };

/** What is told to backends, whether it got there, and the bench's own receiver of it. */
export function CallbacksTab() {
  const { t } = useTranslation();
  const { run } = useAction();
  const deliveries = useSharedStream('callbacks.deliveries', {}, deliveriesFold) ?? [];
  const received = useSharedStream('callbacks.received', {}, receivedFold) ?? [];
  return (
    <div className={css.columns}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <section className={css.body} tabIndex={0} aria-label={t('cloud.tab.callbacks')}>
        <section aria-labelledby="callbacks-sent">
          <div className={css.head}>
            <h2 id="callbacks-sent">{t('callbacks.sent')}</h2>
            <TestButton kind="server" />
            <TestButton kind="subtitle" />
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconTrash size={14} />}
              onClick={() => void run('callbacks.clear', {})}
            >
              {t('callbacks.clear')}
            </Button>
          </div>
          <Deliveries deliveries={deliveries} />
        </section>
        <section aria-labelledby="callbacks-received">
          <h2 id="callbacks-received">{t('callbacks.received')}</h2>
          <Received received={received} />
        </section>
      </section>
      <aside className={css.side} aria-label={t('cloud.settings')}>
        <CloudSettings group="callbacks" title={t('callbacks.server')} names={['serverUrl', 'serverTimeoutMs', 'timestampField']} />
        <OwnReceiver kind="server" />
        <SignKey kind="server" />
        <CloudSettings group="callbacks" title={t('callbacks.subtitle')} names={['subtitleUrl', 'subtitleTimeoutS']} />
        <OwnReceiver kind="subtitle" />
        <SignKey kind="subtitle" />
        <CloudSettings group="callbacks" title={t('callbacks.retries')} names={['retryMs', 'retryForS']} />
        <CloudSettings
          group="callbacks"
          title={t('callbacks.receiver')}
          names={['receiverAnswer', 'receiverStatus', 'receiverFreshnessS']}
        />
      </aside>
    </div>
  );
}

function TestButton({ kind }: { kind: 'server' | 'subtitle' }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const settings = useSettings();
  const url = settings?.callbacks[kind === 'server' ? 'serverUrl' : 'subtitleUrl'] ?? '';
  return (
    <Button size="compact-sm" variant="default" disabled={isBusy || url === ''} onClick={() => void run('callbacks.test', { kind })}>
      {t(`callbacks.test.${kind}`)}
    </Button>
  );
}

/** Points the sender at the receiver of this bench. */
function OwnReceiver({ kind }: { kind: 'server' | 'subtitle' }) {
  const { t } = useTranslation();
  const { run } = useAction();
  const gateway = useCoreStatus()?.listeners.find(({ name, state }) => name === 'gateway' && state === 'listening');
  if (gateway === undefined) return null;
  const host = gateway.host === '0.0.0.0' ? '127.0.0.1' : gateway.host;
  const url = `http://${host}:${gateway.port}/callbacks/${kind}`;
  const name = kind === 'server' ? 'serverUrl' : 'subtitleUrl';
  return (
    <div>
      <Button size="compact-sm" variant="default" onClick={() => void run('settings.set', { changes: { callbacks: { [name]: url } } })}>
        {t('callbacks.useOwn')}
      </Button>
    </div>
  );
}

const stateClass = { sending: css.wait, waiting: css.wait, delivered: css.good, 'given-up': css.bad } as const;

function Deliveries({ deliveries }: { deliveries: readonly CallbackDelivery[] }) {
  const { t } = useTranslation();
  const [openId, setOpenId] = useState<string | null>(null);
  if (deliveries.length === 0) return <p className="quiet">{t('callbacks.noneSent')}</p>;
  return (
    <table className={css.table}>
      <thead>
        <tr>
          <th style={{ width: 130 }}>{t('callbacks.time')}</th>
          <th style={{ width: 120 }}>{t('callbacks.what')}</th>
          <th>{t('callbacks.address')}</th>
          <th style={{ width: 170 }}>{t('callbacks.attempts')}</th>
          <th style={{ width: 110 }}>{t('callbacks.outcome')}</th>
        </tr>
      </thead>
      <tbody>
        {deliveries.map((delivery) => (
          <Row key={delivery.id} isOpen={openId === delivery.id} text={delivery.body} columns={5}>
            <td className="quiet">{wallText(delivery.createdWallMs)}</td>
            <td>
              <button
                type="button"
                className={css.open}
                aria-expanded={openId === delivery.id}
                onClick={() => setOpenId(openId === delivery.id ? null : delivery.id)}
              >
                {delivery.name}
              </button>
            </td>
            <td className="mono" title={delivery.url}>
              {delivery.url}
            </td>
            <td>
              {delivery.attempts.map(({ status, failure, elapsedMs }) => `${status ?? failure} (${Math.round(elapsedMs)} ms)`).join(', ')}
            </td>
            <td className={stateClass[delivery.state]}>{t(`callbacks.state.${delivery.state}`)}</td>
          </Row>
        ))}
      </tbody>
    </table>
  );
}

const verdictClass: Record<ReceivedCallback['verdict'], string | undefined> = {
  good: css.good,
  unchecked: css.wait,
  duplicate: css.wait,
  unsigned: css.bad,
  'bad-signature': css.bad,
  stale: css.bad,
  malformed: css.bad,
};

function Received({ received }: { received: readonly ReceivedCallback[] }) {
  const { t } = useTranslation();
  const [openId, setOpenId] = useState<string | null>(null);
  if (received.length === 0) return <p className="quiet">{t('callbacks.noneReceived')}</p>;
  return (
    <table className={css.table}>
      <thead>
        <tr>
          <th style={{ width: 130 }}>{t('callbacks.time')}</th>
          <th style={{ width: 120 }}>{t('callbacks.what')}</th>
          <th>{t('callbacks.verdict')}</th>
          <th style={{ width: 110 }}>{t('callbacks.answered')}</th>
        </tr>
      </thead>
      <tbody>
        {received.map((callback) => (
          <Row key={callback.id} isOpen={openId === callback.id} text={whole(callback)} columns={4}>
            <td className="quiet">{wallText(callback.receivedWallMs)}</td>
            <td>
              <button
                type="button"
                className={css.open}
                aria-expanded={openId === callback.id}
                onClick={() => setOpenId(openId === callback.id ? null : callback.id)}
              >
                {callback.name}
              </button>
            </td>
            <td className={verdictClass[callback.verdict]}>
              {t(`callbacks.verdictOf.${callback.verdict}`, { age: Math.round((callback.ageMs ?? 0) / 1000) })}
              {callback.expectedSign !== undefined && <span className="mono quiet"> Sign: {callback.expectedSign}</span>}
            </td>
            <td>{callback.answer === 'silence' ? t('callbacks.silence') : callback.answer}</td>
          </Row>
        ))}
      </tbody>
    </table>
  );
}

function whole({ headers, body }: ReceivedCallback): string {
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return `${head.join('\n')}\n\n${body}`;
}

function Row({ isOpen, text, columns, children }: { isOpen: boolean; text: string; columns: number; children: React.ReactNode }) {
  return (
    <>
      <tr>{children}</tr>
      {isOpen && (
        <tr>
          <td colSpan={columns} className={css.whole}>
            <pre className="mono">{text}</pre>
          </td>
        </tr>
      )}
    </>
  );
}
