import { Button, Select } from '@mantine/core';
import { IconCopy, IconRefresh } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { renderSVG } from 'uqr';
import type { ReachState } from '../../../../preload/contract/cloud/reach.ts';
import { ErrorNotice } from '../../../components/error-notice.tsx';
import { useAction } from '../../../lib/actions.ts';
import { wallText } from '../../../lib/quantities.ts';
import { type Fold, useSharedStream } from '../../../lib/shared-stream.ts';
import { useConversations } from '../../../lib/streams.ts';
import css from '../cloud.module.css';
import { CloudSettings } from '../cloud-settings.tsx';
import { BoardWay } from './board-way.tsx';

const fold: Fold<'reach.state', ReachState> = { start: (state) => state, apply: (state, items) => items.at(-1) ?? state };

/** Where boards find this bench, and how far each of them came. */
export function ReachTab() {
  const { t } = useTranslation();
  const reach = useSharedStream('reach.state', {}, fold);
  if (reach === null) return null;
  return (
    <div className={css.columns}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <section className={css.body} tabIndex={0} aria-label={t('cloud.tab.reach')}>
        <Listening reach={reach} />
        <section aria-labelledby="reach-boards">
          <h2 id="reach-boards">{t('reach.boards')}</h2>
          {reach.boards.length === 0 && <p className="quiet">{t(reach.summaryUrl === null ? 'reach.noBoardsLocal' : 'reach.noBoards')}</p>}
          <div style={{ display: 'grid', gap: 8 }}>
            {reach.boards.map((board) => (
              <BoardWay key={board.id} board={board} />
            ))}
          </div>
        </section>
        <Names reach={reach} />
      </section>
      <aside className={css.side} aria-label={t('cloud.settings')}>
        <Addresses reach={reach} />
        <CloudSettings group="reach" title={t('reach.dns')} />
        <p className="quiet">{t('reach.dnsHint')}</p>
      </aside>
    </div>
  );
}

/** Which addresses of this machine let boards in; a change closes what is connected, and says so before. */
function Listening({ reach }: { reach: ReachState }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const talking = (useConversations() ?? []).filter(({ state }) => state !== 'closed').length;
  const choices = [
    ...reach.interfaces.map(({ name, address, isLoopback }) => ({
      value: address,
      label: `${address} (${name})${isLoopback ? ` — ${t('reach.onlyHere')}` : ''}`,
    })),
    { value: '0.0.0.0', label: `0.0.0.0 — ${t('reach.all')}` },
  ];
  if (!choices.some(({ value }) => value === reach.host)) choices.push({ value: reach.host, label: reach.host });

  async function open(host: string): Promise<void> {
    const set = await run('settings.set', { changes: { listeners: { host } } });
    if (set !== null) await run('reach.reopen', {});
  }

  return (
    <section className={css.card} aria-label={t('reach.listening')}>
      <div className={css.head}>
        <Select
          label={t('reach.listening')}
          description={t(reach.isHostFixed ? 'reach.hostFixed' : talking > 0 ? 'reach.reopenEnds' : 'reach.listeningHint', {
            count: talking,
          })}
          value={reach.host}
          data={choices}
          allowDeselect={false}
          disabled={isBusy || reach.isHostFixed}
          onChange={(host) => host !== null && void open(host)}
        />
        <Button variant="default" leftSection={<IconRefresh size={14} />} disabled={isBusy} onClick={() => void run('reach.reopen', {})}>
          {t('reach.reopen')}
        </Button>
      </div>
    </section>
  );
}

function Addresses({ reach }: { reach: ReachState }) {
  const { t } = useTranslation();
  return (
    <section aria-labelledby="reach-addresses">
      <h2 id="reach-addresses">{t('reach.addresses')}</h2>
      {reach.summaryUrl !== null && (
        // The picture is drawn here, from text of ours.
        <figure style={{ margin: '0 0 8px' }}>
          <img
            className={css.qr}
            alt={reach.summaryUrl}
            src={`data:image/svg+xml;utf8,${encodeURIComponent(renderSVG(reach.summaryUrl))}`}
          />
          <figcaption className="quiet">{t('reach.qr')}</figcaption>
        </figure>
      )}
      <table className={css.table}>
        <tbody>
          {reach.addresses.map(({ listener, url }) => (
            <tr key={`${listener} ${url}`}>
              <td style={{ width: 125 }}>{listener}</td>
              <td className="mono" title={url}>
                {url}
              </td>
              <td style={{ width: 48 }}>
                <Button
                  variant="subtle"
                  size="compact-xs"
                  aria-label={t('reach.copy', { url })}
                  onClick={() => void navigator.clipboard.writeText(url)}
                >
                  <IconCopy size={13} />
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Names({ reach }: { reach: ReachState }) {
  const { t } = useTranslation();
  const { dns } = reach;
  if (dns.state === 'off' && dns.queries.length === 0) return null;
  return (
    <section aria-labelledby="reach-names">
      <h2 id="reach-names">{t('reach.names')}</h2>
      {dns.error !== undefined && <ErrorNotice error={dns.error} />}
      {dns.queries.length === 0 && <p className="quiet">{t('reach.noNames', { port: dns.port })}</p>}
      {dns.queries.length > 0 && (
        <table className={css.table}>
          <thead>
            <tr>
              <th>{t('reach.name')}</th>
              <th style={{ width: 130 }}>{t('reach.asker')}</th>
              <th style={{ width: 150 }}>{t('reach.answer')}</th>
              <th style={{ width: 50 }}>{t('reach.count')}</th>
              <th style={{ width: 130 }}>{t('reach.last')}</th>
            </tr>
          </thead>
          <tbody>
            {dns.queries.map((query) => (
              <tr key={`${query.remoteAddress} ${query.name}`}>
                <td className="mono" title={query.name}>
                  {query.name}
                </td>
                <td className="mono">{query.remoteAddress}</td>
                <td className={query.answer === null ? css.bad : 'mono'}>{query.answer ?? t('reach.refused')}</td>
                <td>{query.count}</td>
                <td className="quiet">{wallText(query.lastWallMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
