import type { ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import strip from '../../components/tab-strip.module.css';
import { setParameters, useParameters } from '../../lib/location.ts';
import { SpeechServices } from '../speech/speech-services.tsx';
import { AccountTab } from './account/account-tab.tsx';
import { ApiTab } from './api/api-tab.tsx';
import { CallbacksTab } from './callbacks/callbacks-tab.tsx';
import css from './cloud.module.css';
import { DevicesTab } from './devices/devices-tab.tsx';
import { ReachTab } from './reach/reach-tab.tsx';
import { TrtcTab } from './trtc/trtc-tab.tsx';
import { TuyaTab } from './tuya/tuya-tab.tsx';
import { XiaozhiTab } from './xiaozhi/xiaozhi-tab.tsx';

const tabs = [
  { name: 'devices', Tab: DevicesTab },
  { name: 'account', Tab: AccountTab },
  { name: 'reach', Tab: ReachTab },
  { name: 'trtc', Tab: TrtcTab },
  { name: 'api', Tab: ApiTab },
  { name: 'speech', Tab: SpeechServices },
  { name: 'tuya', Tab: TuyaTab },
  { name: 'xiaozhi', Tab: XiaozhiTab },
  { name: 'callbacks', Tab: CallbacksTab },
] as const satisfies readonly { name: string; Tab: ComponentType }[];

/** The clouds that this bench is for its boards, one tab each, and how boards get here. */
export function CloudScreen() {
  const { t } = useTranslation();
  const wanted = useParameters().get('tab');
  const { name, Tab } = tabs.find((each) => each.name === wanted) ?? tabs[0];
  return (
    <div className={css.screen}>
      <div className={strip.tabs} role="tablist" aria-label={t('frame.cloud')}>
        {tabs.map((each) => (
          <button
            key={each.name}
            type="button"
            role="tab"
            id={`cloud-tab-${each.name}`}
            aria-controls="cloud-panel"
            aria-selected={each.name === name}
            onClick={() => setParameters({ tab: each.name })}
          >
            {t(`cloud.tab.${each.name}`)}
          </button>
        ))}
      </div>
      <div className={css.panel} role="tabpanel" id="cloud-panel" aria-labelledby={`cloud-tab-${name}`}>
        <Tab />
      </div>
    </div>
  );
}
