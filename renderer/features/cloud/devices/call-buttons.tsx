import { Button, Menu } from '@mantine/core';
import { IconPhone, IconPhoneOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { CallRecord } from '../../../../preload/contract/cloud/twetalk.ts';
import { useAction } from '../../../lib/actions.ts';
import { type CallAudio, isUnready } from './call-sound.tsx';

/** What the mini-program can do with a call now: a board's that rings is taken or not; any other is ended. */
export function CallButtons({ call, audio }: { call: CallRecord; audio: CallAudio }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const { callId } = call;
  if (call.state === 'ended') return null;
  if (call.state === 'talking' || call.stream === 'user_to_device')
    return (
      <Button
        size="compact-sm"
        color="red.9"
        disabled={isBusy}
        leftSection={<IconPhoneOff size={14} aria-hidden />}
        onClick={() => void run('calls.hangUp', { callId })}
      >
        {t(call.state === 'talking' ? 'devices.call.hangUp' : 'devices.call.cancel')}
      </Button>
    );
  return (
    <>
      <Button
        size="compact-sm"
        disabled={isBusy || isUnready(audio)}
        leftSection={<IconPhone size={14} aria-hidden />}
        onClick={() => void run('calls.answer', { callId, audio })}
      >
        {t('devices.call.answer')}
      </Button>
      <Button size="compact-sm" color="red.9" disabled={isBusy} onClick={() => void run('calls.refuse', { callId, how: 'reject' })}>
        {t('devices.call.reject')}
      </Button>
      <Menu position="bottom-end" transitionProps={{ duration: 0 }}>
        <Menu.Target>
          <Button size="compact-sm" variant="default" disabled={isBusy}>
            {t('devices.call.otherEnd')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {(['busy', 'timeout', 'error'] as const).map((how) => (
            <Menu.Item key={how} onClick={() => void run('calls.refuse', { callId, how })}>
              {t(`devices.call.refuseOf.${how}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
