import { Checkbox } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Provisioning } from '../../../preload/contract/provisioning.ts';
import { chooseFirmware, useChosenFirmware } from './chosen-firmware.ts';
import css from './firmware.module.css';

/** For boards that have their firmware: asked, so that nobody who forgot the firmware writes values into blank boards. */
export function ProvisionOnly({ provisioning: { partition } }: { provisioning: Provisioning }) {
  const { t } = useTranslation();
  const isChosen = useChosenFirmware((chosen) => chosen.isProvisionOnly);
  return (
    <Checkbox
      className={css.only}
      data-key="only"
      label={t('flash.provisionOnly.label')}
      description={t('flash.provisionOnly.what', { partition })}
      checked={isChosen}
      onChange={(event) => chooseFirmware({ isProvisionOnly: event.currentTarget.checked })}
    />
  );
}
