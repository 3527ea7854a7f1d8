import { IconPhoneRinging } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { setParameters } from '../../../lib/location.ts';
import cloud from '../cloud.module.css';
import { CallButtons } from './call-buttons.tsx';
import { useCalls } from './device-streams.ts';
import css from './devices.module.css';

/** A board rings the mini-program: seen whichever device is looked at. */
export function BoardCalling() {
  const { t } = useTranslation();
  const ringing = useCalls().filter(({ state, stream }) => state === 'ringing' && stream === 'device_to_user');
  return (
    <div role="alert">
      {ringing.map((call) => (
        <div key={call.callId} className={css.ringing}>
          <IconPhoneRinging size={18} aria-hidden />
          <span className="truncate">
            {t('devices.call.boardCalls', { device: call.deviceName, contact: call.contact.name || call.contact.openId })}
          </span>
          <span className={css.grow} />
          <button
            type="button"
            className={cloud.open}
            onClick={() => setParameters({ product: call.productId, device: call.deviceName, part: 'calls' })}
          >
            {t('devices.call.show')}
          </button>
          <CallButtons call={call} audio={{ kind: 'silence' }} />
        </div>
      ))}
    </div>
  );
}
