import { Button, Checkbox, NumberInput, PasswordInput, SegmentedControl, Select, TextInput } from '@mantine/core';
import { IconBluetooth, IconWifi } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { wifiFaults } from '../../../preload/contract/wifi-faults.ts';
import { emptyDraft, limits, problemsOf, type WifiSetupDraft } from './draft.ts';
import { NoBluetooth } from './no-bluetooth.tsx';
import { useBegin, useHasBluetooth } from './use-setup.ts';
import css from './wifi-setup.module.css';

/** Which network, by which way, to which board. */
export function SetupForm({ isRunning }: { isRunning: (method: WifiSetupDraft['method']) => boolean }) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState(emptyDraft);
  const { begin, isBusy } = useBegin();
  const hasRadio = useHasBluetooth();
  const change = (difference: Partial<WifiSetupDraft>): void => setDraft((before) => ({ ...before, ...difference }));
  const problems = problemsOf(draft);
  const needsRadio = draft.method === 'ble' && !draft.isVirtual;
  const canBegin = draft.ssid !== '' && problems.size === 0 && !isRunning(draft.method) && !(needsRadio && hasRadio !== true);
  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    if (canBegin) void begin(draft);
  }

  return (
    <form className={css.form} onSubmit={onSubmit} autoComplete="off">
      <header>
        <h2>{t('wifiSetup.title')}</h2>
        <p className={`${css.lead} quiet`}>{t('wifiSetup.what')}</p>
      </header>
      <SegmentedControl
        aria-label={t('wifiSetup.method.label')}
        value={draft.method}
        onChange={(method) => change({ method })}
        data={[
          { value: 'softap', label: t('wifiSetup.method.softap') },
          { value: 'ble', label: t('wifiSetup.method.ble') },
        ]}
      />
      {needsRadio && hasRadio === false && <NoBluetooth />}
      <TextInput
        label={t('wifiSetup.ssid')}
        description={t('wifiSetup.ssidHint')}
        value={draft.ssid}
        error={problems.has('ssid') && t('wifiSetup.tooLong', { count: limits.ssidBytes })}
        onChange={(event) => change({ ssid: event.currentTarget.value })}
      />
      <PasswordInput
        label={t('wifiSetup.password')}
        description={t('wifiSetup.passwordHint')}
        autoComplete="new-password"
        visibilityToggleButtonProps={{ tabIndex: 0, 'aria-hidden': false, 'aria-label': t('wifiSetup.showPassword') }}
        value={draft.password}
        error={problems.has('password') && t('wifiSetup.tooLong', { count: limits.passwordBytes })}
        onChange={(event) => change({ password: event.currentTarget.value })}
      />
      <details className={css.fold} data-key="options">
        <summary>{t('wifiSetup.more')}</summary>
        <div className={css.folded}>
          {draft.method === 'softap' && !draft.isVirtual && (
            <Checkbox
              label={t('wifiSetup.isJoined')}
              description={t('wifiSetup.isJoinedHint')}
              checked={draft.isJoined}
              onChange={(event) => change({ isJoined: event.currentTarget.checked })}
            />
          )}
          {draft.method === 'softap' && !draft.isVirtual && (
            <div className={css.pair}>
              <TextInput
                label={t('wifiSetup.address')}
                classNames={{ input: 'mono' }}
                value={draft.address}
                error={problems.has('address')}
                onChange={(event) => change({ address: event.currentTarget.value })}
              />
              <NumberInput
                label={t('wifiSetup.port')}
                min={1}
                max={65_535}
                allowDecimal={false}
                clampBehavior="strict"
                hideControls
                value={draft.port}
                onChange={(value) => typeof value === 'number' && change({ port: value })}
              />
            </div>
          )}
          <TextInput
            label={t('wifiSetup.token')}
            description={t('wifiSetup.tokenHint')}
            classNames={{ input: 'mono' }}
            value={draft.token}
            error={problems.has('token') && t('wifiSetup.badToken')}
            onChange={(event) => change({ token: event.currentTarget.value })}
          />
          <Checkbox
            label={t('wifiSetup.wait')}
            description={t('wifiSetup.waitHint')}
            checked={draft.waitForBoard}
            onChange={(event) => change({ waitForBoard: event.currentTarget.checked })}
          />
        </div>
      </details>
      <Checkbox
        label={t('wifiSetup.virtual')}
        description={t('wifiSetup.virtualHint')}
        checked={draft.isVirtual}
        onChange={(event) => change({ isVirtual: event.currentTarget.checked })}
      />
      {draft.isVirtual && (
        <Select
          label={t('wifiSetup.fault.label')}
          allowDeselect={false}
          value={draft.fault}
          data={(['none', ...wifiFaults] as const).map((value) => ({ value, label: t(`wifiSetup.fault.${value}`) }))}
          onChange={(fault) => change({ fault: fault ?? 'none' })}
        />
      )}
      <Button
        type="submit"
        data-key="start"
        leftSection={draft.method === 'ble' ? <IconBluetooth size={16} aria-hidden /> : <IconWifi size={16} aria-hidden />}
        disabled={!canBegin}
        loading={isBusy}
      >
        {t(needsRadio ? 'wifiSetup.choose' : 'wifiSetup.start')}
      </Button>
    </form>
  );
}
