import { useTranslation } from 'react-i18next';
import type { TuyaState } from '../../../../preload/contract/cloud/tuya.ts';
import { type Fold, useSharedStream } from '../../../lib/shared-stream.ts';
import css from '../cloud.module.css';
import { CloudSettings } from '../cloud-settings.tsx';
import { LatestMessages } from '../latest-messages.tsx';
import { ConnectionList } from './connection-list.tsx';
import { Monitors } from './monitors.tsx';
import { Register } from './register.tsx';
import { TuyaTalk } from './tuya-talk.tsx';

const fold: Fold<'tuya.state', TuyaState> = { start: (state) => state, apply: (state, items) => items.at(-1) ?? state };

/** Tuya's AI channel: who is connected with which sessions, what goes over it, and a device's debug port. */
export function TuyaTab() {
  const { t } = useTranslation();
  const state = useSharedStream('tuya.state', {}, fold);
  if (state === null) return null;
  return (
    <div className={css.columns}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <section className={css.body} tabIndex={0} aria-label={t('cloud.tab.tuya')}>
        <ConnectionList connections={state.connections} />
        <LatestMessages title={t('tuya.packets')} empty={t('tuya.noPackets')} filter={{ gateways: ['tuya'] }} link="gateway=tuya" />
        <Monitors monitors={state.monitors} />
      </section>
      <aside className={css.side} aria-label={t('cloud.settings')}>
        <TuyaTalk />
        <Register />
        <CloudSettings group="tuya" />
      </aside>
    </div>
  );
}
