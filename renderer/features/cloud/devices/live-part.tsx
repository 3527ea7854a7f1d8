import { Button } from '@mantine/core';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { ThingModel } from '../../../../preload/contract/agents.ts';
import type { ProductRecord } from '../../../../preload/contract/cloud/products.ts';
import type { LiveDevice } from '../../../../preload/contract/cloud/twetalk.ts';
import type { DeviceRecord } from '../../../../preload/contract/pipeline.ts';
import { PayloadTree } from '../../../components/row-details-payload.tsx';
import { useAction } from '../../../lib/actions.ts';
import { DeviceFacts } from './device-facts.tsx';
import { useLiveDevice } from './device-streams.ts';
import css from './devices.module.css';
import { PropertyRow } from './property-row.tsx';
import { timeText } from './time-text.ts';

/** What the board last said of itself, what can be set of it, and what it tells. */
export function LivePart({ device, product, model }: { device: DeviceRecord; product: ProductRecord; model: ThingModel }) {
  const { t } = useTranslation();
  const live = useLiveDevice(device);
  const known = new Set(model.properties.map(({ id }) => id));
  const reported: LiveDevice['properties'] = {
    ...Object.fromEntries(Object.entries(device.properties).map(([id, value]) => [id, { value, atWallMs: 0 }])),
    ...live?.properties,
  };
  const others = Object.entries(reported).filter(([id]) => !known.has(id));
  const waiting = live?.control ?? {};
  return (
    <div className={css.columns}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <section className={css.body} tabIndex={0} aria-label={t('devices.part.live')}>
        <section aria-labelledby="live-properties">
          <div className={css.row}>
            <h2 id="live-properties" className={css.grow}>
              {t('devices.properties')}
            </h2>
            {Object.keys(waiting).length > 0 && <ForgetControl device={device} />}
          </div>
          {model.properties.length === 0 && <p className="quiet">{t('devices.noProperties')}</p>}
          {model.properties.map((property) => (
            <PropertyRow
              key={property.id}
              device={device}
              property={property}
              reported={reported[property.id] ?? null}
              waiting={Object.hasOwn(waiting, property.id) ? { value: waiting[property.id] } : null}
            />
          ))}
          {others.map(([id, { value }]) => (
            <div key={id} className={css.property}>
              <span className="mono truncate">{id}</span>
              <span className={css.value}>{JSON.stringify(value)}</span>
              <span className="quiet">{t('devices.notInModel')}</span>
            </div>
          ))}
        </section>
        <section aria-labelledby="live-events">
          <h2 id="live-events">{t('devices.events')}</h2>
          {(live?.events.length ?? 0) === 0 && <p className="quiet">{t('devices.noEvents')}</p>}
          {live?.events.map((event, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: one may come twice in a millisecond; counted from the oldest, which stays
            <div key={`${event.atWallMs} ${event.eventId} ${live.events.length - index}`} className={css.event}>
              <div className={css.row}>
                <span className="mono">{timeText(event.atWallMs)}</span>
                <strong>{event.eventId}</strong>
                <span className={event.type === 'fault' ? css.bad : 'quiet'}>{eventTypeText(t, event.type)}</span>
                {event.isMalformed && <span className={css.bad}>{t('devices.malformed')}</span>}
              </div>
              <PayloadTree value={event.params} />
            </div>
          ))}
        </section>
      </section>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <aside className={css.side} tabIndex={0} aria-label={t('devices.facts')}>
        <DeviceFacts device={device} product={product} subscriptions={live?.subscriptions} />
      </aside>
    </div>
  );
}

/** The thing model's own three in the reader's words; whatever else a board says, as it says it. */
function eventTypeText(t: TFunction, type: string): string {
  return type === 'info' || type === 'alert' || type === 'fault' ? t(`devices.eventType.${type}`) : type;
}

function ForgetControl({ device: { productId, deviceName } }: { device: DeviceRecord }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  return (
    <Button
      size="compact-xs"
      variant="default"
      loading={isBusy}
      onClick={() => void run('device.forgetControl', { productId, deviceName })}
    >
      {t('devices.forgetControl')}
    </Button>
  );
}
