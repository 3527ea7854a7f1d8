import { PasswordInput, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useDevices } from '../../../lib/streams.ts';
import { useDeviceLists } from '../flash-streams.ts';
import { changeDevice, useProvisioningDraft } from './draft.ts';
import css from './provisioning.module.css';

const kinds = ['none', 'known', 'list', 'given'] as const;

/** Whose device a board becomes. */
export function DeviceChoiceForm() {
  const { t } = useTranslation();
  const { kind } = useProvisioningDraft((draft) => draft.device);
  return (
    <section className={css.group} aria-labelledby="device-title">
      <h2 id="device-title">{t('provisioning.device')}</h2>
      <SegmentedControl
        fullWidth
        aria-labelledby="device-title"
        value={kind}
        onChange={(value) => changeDevice({ kind: value })}
        data={kinds.map((value) => ({ value, label: t(`provisioning.deviceOf.${value}`) }))}
      />
      <p className="quiet">{t(`provisioning.deviceHint.${kind}`)}</p>
      {kind === 'known' && <KnownDevice />}
      {kind === 'list' && <ListChoice />}
      {kind === 'given' && <GivenDevice />}
    </section>
  );
}

function KnownDevice() {
  const { t } = useTranslation();
  const devices = useDevices() ?? [];
  const { known } = useProvisioningDraft((draft) => draft.device);
  return (
    <Select
      aria-label={t('provisioning.chooseDevice')}
      placeholder={t('provisioning.chooseDevice')}
      searchable
      nothingFoundMessage={t('provisioning.noDevices')}
      data={devices.map(({ productId, deviceName }) => `${productId}/${deviceName}`)}
      value={known}
      onChange={(value) => changeDevice({ known: value })}
    />
  );
}

function ListChoice() {
  const { t } = useTranslation();
  const lists = useDeviceLists() ?? [];
  const { listId } = useProvisioningDraft((draft) => draft.device);
  return (
    <Select
      aria-label={t('provisioning.chooseList')}
      placeholder={t('provisioning.chooseList')}
      nothingFoundMessage={t('provisioning.noLists')}
      data={lists.map((list) => ({
        value: list.listId,
        label: `${list.name} — ${t('provisioning.lists.free', { count: list.free })}`,
      }))}
      value={listId}
      onChange={(value) => changeDevice({ listId: value })}
    />
  );
}

function GivenDevice() {
  const { t } = useTranslation();
  const { productId, deviceName, deviceSecret } = useProvisioningDraft((draft) => draft.device);
  return (
    <div className={css.triple}>
      <TextInput
        label={t('provisioning.productId')}
        classNames={{ input: 'mono' }}
        value={productId}
        onChange={(event) => changeDevice({ productId: event.currentTarget.value })}
      />
      <TextInput
        label={t('provisioning.deviceName')}
        classNames={{ input: 'mono' }}
        value={deviceName}
        onChange={(event) => changeDevice({ deviceName: event.currentTarget.value })}
      />
      <PasswordInput
        size="xs"
        label={t('provisioning.deviceSecret')}
        autoComplete="off"
        value={deviceSecret}
        onChange={(event) => changeDevice({ deviceSecret: event.currentTarget.value })}
      />
    </div>
  );
}
