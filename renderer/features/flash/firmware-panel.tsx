import { useTranslation } from 'react-i18next';
import { isEmpty, useChosenFirmware } from './chosen-firmware.ts';
import { DropZone } from './drop-zone.tsx';
import { EquivalentCommands } from './equivalent-commands.tsx';
import css from './firmware.module.css';
import { FlashMap } from './flash-map.tsx';
import { ModulePackage } from './module-package.tsx';
import { OptionsForm } from './options-form.tsx';
import { PlanRemarks } from './plan-remarks.tsx';
import { PlanTable } from './plan-table.tsx';
import { needsAgentboot, type Planned } from './use-plan.ts';

const packaged = /\.(soc|binpkg|hbinpkg)$/i;

/** What to write: chosen here, and shown as it would be written before anything is. */
export function FirmwarePanel({ planned, isProvisioned }: { planned: Planned; isProvisioned: boolean }) {
  const { t } = useTranslation();
  const chosen = useChosenFirmware();
  const { shown, problem } = planned;
  const isAgentbootMissing = needsAgentboot(shown) || problem?.code === 'flash/no-agentboot' || problem?.code === 'flash/wrong-agentboot';
  const isPackage = chosen.files.some(({ name }) => packaged.test(name));
  const isModule = shown === null ? isAgentbootMissing || isPackage : shown.family === 'cat1';
  return (
    <section className={css.panel} aria-labelledby="firmware-title">
      <h1 id="firmware-title">{t('flash.firmware')}</h1>
      <DropZone />
      {!isEmpty(chosen) && (
        <>
          <PlanTable planned={planned} />
          <PlanRemarks planned={planned} />
          {shown !== null && shown.family === 'esp' && <FlashMap plan={shown} />}
          {isModule && <ModulePackage plan={shown} isAgentbootMissing={isAgentbootMissing} />}
        </>
      )}
      <OptionsForm plan={shown} />
      {planned.plan !== null && <EquivalentCommands commands={planned.plan.commands} isProvisioned={isProvisioned} />}
    </section>
  );
}
