import { SegmentedControl } from '@mantine/core';
import { Fragment, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiRequest } from '../../../../preload/contract/cloud/cloud-api.ts';
import { clockText } from '../../../lib/quantities.ts';
import css from '../cloud.module.css';
import own from '../services.module.css';
import { SignatureView } from './signature-view.tsx';

/** What was asked, by whom, and what came of it; the newest first. */
export function RequestList({ requests }: { requests: readonly ApiRequest[] }) {
  const { t } = useTranslation();
  const [openId, setOpenId] = useState<string | null>(null);
  const [shown, setShown] = useState<'all' | 'refused'>('all');
  const listed = shown === 'all' ? requests : requests.filter(({ code }) => code !== '');
  return (
    <section aria-labelledby="api-requests">
      <div className={css.head}>
        <h2 id="api-requests">{t('cloudApi.requests')}</h2>
        <SegmentedControl
          size="xs"
          aria-label={t('cloudApi.shown')}
          value={shown}
          onChange={setShown}
          data={[
            { value: 'all', label: t('cloudApi.all') },
            { value: 'refused', label: t('cloudApi.refusedOnly') },
          ]}
        />
        <a className={own.link} href="#/wire?gateway=cloud">
          {t('cloud.onWire')}
        </a>
      </div>
      {listed.length === 0 ? (
        <p className="quiet">{t(requests.length === 0 ? 'cloudApi.noRequests' : 'cloudApi.noneRefused')}</p>
      ) : (
        <table className={css.table}>
          <thead>
            <tr>
              <th style={{ width: 100 }}>{t('cloudApi.time')}</th>
              <th>{t('cloudApi.action')}</th>
              <th style={{ width: 150 }}>{t('cloudApi.client')}</th>
              <th style={{ width: 230 }}>{t('cloudApi.outcome')}</th>
              <th style={{ width: 70 }}>{t('cloudApi.took')}</th>
            </tr>
          </thead>
          <tbody>
            {listed.map((request) => (
              <Fragment key={request.requestId}>
                <tr aria-selected={openId === request.requestId}>
                  <td className="mono quiet">{clockText(request.atWallMs)}</td>
                  <td>
                    <button
                      type="button"
                      className={css.open}
                      aria-expanded={openId === request.requestId}
                      onClick={() => setOpenId(openId === request.requestId ? null : request.requestId)}
                    >
                      {request.action === '' ? t('cloudApi.noAction') : request.action}
                    </button>
                  </td>
                  <td title={`${request.client} · ${request.remote}`}>{request.client === '' ? request.remote : request.client}</td>
                  <td className={request.code === '' ? css.good : css.bad} title={request.message}>
                    {request.code === '' ? t('cloudApi.answered') : request.code}
                  </td>
                  <td className="quiet">{Math.round(request.elapsedMs)} ms</td>
                </tr>
                {openId === request.requestId && (
                  <tr>
                    <td colSpan={5} className={css.whole}>
                      <RequestDetails request={request} />
                    </td>
                  </tr>
                )}
              </Fragment>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function RequestDetails({ request }: { request: ApiRequest }) {
  const { t } = useTranslation();
  return (
    <div className={own.detail}>
      {request.code !== '' && (
        <div>
          <strong className={css.bad}>{request.code}</strong> {request.message}
        </div>
      )}
      {request.signature !== null && (
        <SignatureView signature={request.signature} isJudged={request.code === 'AuthFailure.SignatureFailure'} />
      )}
      <dl className={own.facts}>
        <dt>RequestId</dt>
        <dd className="mono">{request.requestId}</dd>
        <dt>{t('cloudApi.from')}</dt>
        <dd>
          {request.remote} · {request.client === '' ? '—' : request.client}
        </dd>
        <dt>SecretId</dt>
        <dd className="mono">{request.secretId === '' ? '—' : request.secretId}</dd>
        <dt>{t('cloudApi.version')}</dt>
        <dd className="mono">{[request.service, request.version, request.region].filter((each) => each !== '').join(' · ') || '—'}</dd>
      </dl>
      <div className={own.sides}>
        <div>
          <h3>{t('cloudApi.request')}</h3>
          <pre className={own.code}>{pretty(request.request)}</pre>
        </div>
        <div>
          <h3>{t('cloudApi.response')}</h3>
          <pre className={own.code}>{pretty(request.response)}</pre>
        </div>
      </div>
    </div>
  );
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // what was sent need not be JSON
  }
}
