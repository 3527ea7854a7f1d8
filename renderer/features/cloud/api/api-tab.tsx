import { useTranslation } from 'react-i18next';
import type { Activation, ApiRequest } from '../../../../preload/contract/cloud/cloud-api.ts';
import { useReply } from '../../../lib/actions.ts';
import { wallText } from '../../../lib/quantities.ts';
import { type Fold, useSharedStream } from '../../../lib/shared-stream.ts';
import css from '../cloud.module.css';
import { CloudSettings } from '../cloud-settings.tsx';
import { ActionExample } from './action-example.tsx';
import { FailNext } from './fail-next.tsx';
import { PointHere } from './point-here.tsx';
import { RequestList } from './request-list.tsx';

/** As many as the core keeps. */
const most = 200;

const requestsFold: Fold<'cloudapi.requests', ApiRequest[]> = {
  start: (list) => list.toReversed(),
  apply: (list, items) => [...items.toReversed(), ...list].slice(0, most),
};
const activationsFold: Fold<'cloudapi.activations', Activation[]> = {
  start: (list) => list,
  apply: (list, items) => items.at(-1) ?? list,
};

/** What backends ask of the cloud API, judged; and how to ask. */
export function ApiTab() {
  const { t } = useTranslation();
  const requests = useSharedStream('cloudapi.requests', {}, requestsFold);
  const activations = useSharedStream('cloudapi.activations', {}, activationsFold) ?? [];
  const actions = useReply('cloudapi.actions', {}).data?.actions ?? [];
  if (requests === null) return null;
  return (
    <div className={css.columns}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <section className={css.body} tabIndex={0} aria-label={t('cloud.tab.api')}>
        <RequestList requests={requests} />
        <Activations activations={activations} />
      </section>
      <aside className={css.side} aria-label={t('cloud.settings')}>
        <PointHere />
        <ActionExample actions={actions} />
        <FailNext actions={actions} />
        <CloudSettings group="cloudApi" />
      </aside>
    </div>
  );
}

function Activations({ activations }: { activations: readonly Activation[] }) {
  const { t } = useTranslation();
  return (
    <section aria-labelledby="api-activations">
      <h2 id="api-activations">{t('cloudApi.activations')}</h2>
      {activations.length === 0 ? (
        <p className="quiet">{t('cloudApi.noActivations')}</p>
      ) : (
        <table className={css.table}>
          <thead>
            <tr>
              <th>{t('cloudApi.device')}</th>
              <th style={{ width: 110 }}>{t('cloudApi.service')}</th>
              <th style={{ width: 70 }}>{t('cloudApi.type')}</th>
              <th style={{ width: 150 }}>{t('cloudApi.activated')}</th>
              <th style={{ width: 150 }}>{t('cloudApi.expires')}</th>
            </tr>
          </thead>
          <tbody>
            {activations.map((each) => (
              <tr key={`${each.sn} ${each.service} ${each.type}`}>
                <td className="mono" title={each.sn}>
                  {each.sn}
                </td>
                <td>{each.service === 'twecall' ? 'TWeCall' : 'TWeTalk'}</td>
                <td>{each.type}</td>
                <td className="quiet">{wallText(each.activatedWallMs)}</td>
                <td className="quiet">{wallText(each.expiresWallMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
