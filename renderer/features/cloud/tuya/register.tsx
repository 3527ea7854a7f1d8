import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { SecretOnce } from '../../../components/secret-once.tsx';
import { useAction } from '../../../lib/actions.ts';
import { useToasts } from '../../../lib/toasts.ts';
import css from '../services.module.css';

/** A device by its id and local key; one that is made up is shown this once. */
export function Register() {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const show = useToasts((state) => state.show);
  const [deviceId, setDeviceId] = useState('');
  const [localKey, setLocalKey] = useState('');
  const [made, setMade] = useState<{ deviceName: string; key: string } | null>(null);
  const isValid = /^[\w.:@-]{1,64}$/u.test(deviceId);

  async function register(): Promise<void> {
    const reply = await run('tuya.register', { deviceId, ...(localKey !== '' && { localKey }) });
    if (reply === null) return;
    const { deviceName, generatedLocalKey } = reply;
    setMade(generatedLocalKey === undefined ? null : { deviceName, key: generatedLocalKey });
    setDeviceId('');
    setLocalKey('');
    if (generatedLocalKey === undefined) show({ kind: 'done', text: t('tuya.registered', { deviceName }) });
  }

  return (
    <form
      className={css.form}
      aria-labelledby="tuya-register"
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        if (isValid) void register();
      }}
    >
      <h2 id="tuya-register">{t('tuya.register')}</h2>
      <div className={css.pair}>
        <TextInput
          size="xs"
          label={t('tuya.deviceId')}
          maxLength={64}
          value={deviceId}
          error={deviceId !== '' && !isValid}
          onChange={(event) => setDeviceId(event.currentTarget.value.trim())}
        />
        <PasswordInput
          size="xs"
          label={t('tuya.localKey')}
          placeholder={t('tuya.localKeyEmpty')}
          maxLength={64}
          autoComplete="off"
          visibilityToggleButtonProps={{ 'aria-label': t('callbacks.showKey') }}
          value={localKey}
          onChange={(event) => setLocalKey(event.currentTarget.value)}
        />
      </div>
      <div className={css.row}>
        <Button size="xs" type="submit" variant="default" disabled={!isValid || isBusy}>
          {t('tuya.registerDo')}
        </Button>
      </div>
      {made !== null && (
        <SecretOnce
          hint={t('tuya.keyOnce')}
          secrets={[
            { label: 'device_id', value: made.deviceName },
            { label: 'local_key', value: made.key },
          ]}
        />
      )}
    </form>
  );
}
