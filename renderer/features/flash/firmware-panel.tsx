import { useTranslation } from 'react-i18next';
import type { Provisioning } from '../../../preload/contract/provisioning.ts';
import { isEmpty, isProvisioningAlone, useChosenFirmware } from './chosen-firmware.ts';
import { DropZone } from './drop-zone.tsx';
import { EquivalentCommands } from './equivalent-commands.tsx';
import css from './firmware.module.css';
import { FlashMap } from './flash-map.tsx';
import { ModulePackage } from './module-package.tsx';
import { OptionsForm } from './options-form.tsx';
import { PlanRemarks } from './plan-remarks.tsx';
import { PlanTable } from './plan-table.tsx';
import { ProvisionOnly } from './provision-only.tsx';
import { needsAgentboot, type Planned } from './use-plan.ts';

const packaged = /\.(soc|binpkg|hbinpkg)$/i;

/** What to write: chosen here, and shown as it would be written before anything is. */
export function FirmwarePanel({ planned, provisioning }: { planned: Planned; provisioning: Provisioning | null }) {
  const { t } = useTranslation();
  const chosen = useChosenFirmware();
  const { shown, problem } = planned;
  const isAgentbootMissing = needsAgentboot(shown) || problem?.code === 'flash/no-agentboot' || problem?.code === 'flash/wrong-agentboot';
  const isAlone = isProvisioningAlone(chosen, provisioning);
  const isPackage = chosen.files.some(({ name }) => packaged.test(name));
  const isModule = shown === null ? isAgentbootMissing || isPackage : shown.family === 'cat1';
  return (
    <section className={css.panel} aria-labelledby="firmware-title">
      <h1 id="firmware-title">{t('flash.firmware')}</h1>
      <DropZone />
      {isEmpty(chosen) && provisioning !== null && <ProvisionOnly provisioning={provisioning} />}
      {(!isEmpty(chosen) || isAlone) && (
        <>
          <PlanTable planned={planned} provisioning={provisioning} />
          <PlanRemarks planned={planned} />
          {shown !== null && shown.family === 'esp' && !isAlone && <FlashMap plan={shown} />}
          {isModule && <ModulePackage plan={shown} isAgentbootMissing={isAgentbootMissing} />}
        </>
      )}
      <OptionsForm plan={shown} isAlone={isAlone} />
      {planned.plan !== null && <EquivalentCommands commands={planned.plan.commands} isProvisioned={provisioning !== null} />}
    </section>
  );
}
