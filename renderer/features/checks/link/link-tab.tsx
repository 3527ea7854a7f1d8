import { Button, Select } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { setParameters, useParameters } from '../../../lib/location.ts';
import { useDevices } from '../../../lib/streams.ts';
import { useImpairedLinks } from '../check-streams.ts';
import shared from '../checks.module.css';
import { ImpairedLinks } from './impaired-links.tsx';
import css from './link.module.css';
import { LinkForm } from './link-form.tsx';
import { unimpaired } from './presets.ts';

/** One device's link made bad, and what is bad now: `device=PRODUCT/NAME`. */
export function LinkTab() {
  const { t } = useTranslation();
  const devices = useDevices() ?? [];
  const links = useImpairedLinks() ?? [];
  const named = useParameters().get('device');
  const keyOf = (device: { productId: string; deviceName: string }): string => `${device.productId}/${device.deviceName}`;
  const sorted = devices.toSorted((one, other) => Number(other.isOnline) - Number(one.isOnline));
  // What stood first when this was opened stays: a device that comes and goes must not take the place of the one in hand.
  const [kept, setKept] = useState<string | null>(null);
  const device = sorted.find((each) => keyOf(each) === (named ?? kept)) ?? sorted[0];
  if (kept === null && device !== undefined) setKept(keyOf(device));
  const link = links.find((each) => device !== undefined && keyOf(each) === keyOf(device));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard
    <section className={shared.scroll} tabIndex={0} aria-label={t('checks.link.title')}>
      <div className={shared.page}>
        <h1>{t('checks.link.title')}</h1>
        <p className="quiet">{t('checks.link.hint')}</p>
        <ImpairedLinks links={links} />
        {device === undefined ? (
          <div className={shared.nothing}>
            <span>{t('checks.link.noDevice')}</span>
            <Button component="a" href="#/checks">
              {t('checks.start.tryVirtual')}
            </Button>
          </div>
        ) : (
          <>
            <Select
              label={t('checks.link.device')}
              className={css.deviceField ?? ''}
              allowDeselect={false}
              searchable
              value={keyOf(device)}
              data={sorted.map((each) => ({
                value: keyOf(each),
                label: `${each.deviceName} · ${each.productId}${each.isOnline ? '' : ` · ${t('checks.link.offline')}`}`,
              }))}
              onChange={(value) => setParameters({ device: value })}
            />
            <LinkForm
              key={`${keyOf(device)} ${JSON.stringify(link?.impairment)}`}
              productId={device.productId}
              deviceName={device.deviceName}
              now={link?.impairment ?? unimpaired}
            />
          </>
        )}
      </div>
    </section>
  );
}
