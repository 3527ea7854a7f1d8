import { Button, Checkbox, Kbd } from '@mantine/core';
import { IconPlugConnected, IconX } from '@tabler/icons-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { create } from 'zustand';
import type { FlashPlan } from '../../../preload/contract/flash.ts';
import { readFile } from '../../lib/files.ts';
import { bytesText } from '../../lib/quantities.ts';
import { chooseFirmware, useChosenFirmware } from './chosen-firmware.ts';
import { pickFiles } from './dropped-files.ts';
import css from './firmware.module.css';

/** Of a package, all of them: a plan names only those that are to be written. */
const useKnownParts = create<{ names: readonly string[] }>(() => ({ names: [] }));

/** What an LTE module wants besides its package: which parts of it, and the second-stage loader nobody may ship. */
export function ModulePackage({ plan, isAgentbootMissing }: { plan: FlashPlan | null; isAgentbootMissing: boolean }) {
  const { t } = useTranslation();
  return (
    <section className={css.module} aria-labelledby="module-title">
      <h2 id="module-title">{t('flash.module.title')}</h2>
      {plan !== null && <Parts plan={plan} />}
      <Agentboot isMissing={isAgentbootMissing} />
      <p className="quiet">{t('flash.module.keepsCalibration')}</p>
      <BootKeySteps />
    </section>
  );
}

function Parts({ plan }: { plan: FlashPlan }) {
  const { t } = useTranslation();
  const options = useChosenFirmware((chosen) => chosen.options);
  const known = useKnownParts((state) => state.names);
  useEffect(() => {
    if (options.parts === undefined) useKnownParts.setState({ names: plan.files.map(({ name }) => name) });
  }, [options.parts, plan]);
  const isOn = (name: string): boolean => options.parts?.includes(name) ?? true;
  function toggle(name: string, isWanted: boolean): void {
    const parts = known.filter((each) => (each === name ? isWanted : isOn(each)));
    const { parts: _, ...rest } = options;
    chooseFirmware({ options: parts.length === known.length ? rest : { ...rest, parts } });
  }
  return (
    <fieldset className={css.switches}>
      <legend>{t('flash.module.parts')}</legend>
      {known.map((name) => (
        <Checkbox
          key={name}
          label={<span className="mono">{name}</span>}
          checked={isOn(name)}
          onChange={(event) => toggle(name, event.currentTarget.checked)}
        />
      ))}
    </fieldset>
  );
}

function Agentboot({ isMissing }: { isMissing: boolean }) {
  const { t } = useTranslation();
  const agentboot = useChosenFirmware((chosen) => chosen.agentboot);
  async function choose(): Promise<void> {
    const [file] = await pickFiles({ accept: '.bin' });
    if (file !== undefined)
      chooseFirmware({ agentboot: { name: file.name, offsetText: '', source: { data: new Uint8Array(await readFile(file)) } } });
  }
  return (
    <div className={css.agentboot} data-missing={isMissing || undefined}>
      <strong>{t('flash.module.agentboot')}</strong>
      <div className={css.dropTools}>
        {agentboot !== null && (
          <span className="mono">
            {t('flash.module.given', {
              name: agentboot.name,
              size: 'data' in agentboot.source ? bytesText(agentboot.source.data.length) : '',
            })}
          </span>
        )}
        <Button variant={isMissing ? 'filled' : 'default'} onClick={() => void choose()}>
          {t('flash.module.giveAgentboot')}
        </Button>
        {agentboot !== null && (
          <Button
            variant="subtle"
            color="gray"
            leftSection={<IconX size={14} aria-hidden />}
            onClick={() => chooseFirmware({ agentboot: null })}
          >
            {t('flash.module.remove')}
          </Button>
        )}
      </div>
      <p className="quiet">
        {t('flash.module.agentbootWhy')} {t('flash.module.agentbootFor')}
      </p>
    </div>
  );
}

/** The keys that bring a module into download mode, in their order. `isWaiting`: it is being waited for at this moment. */
export function BootKeySteps({ isWaiting = false }: { isWaiting?: boolean }) {
  const { t } = useTranslation();
  return (
    <figure className={css.bootSteps} data-waiting={isWaiting || undefined}>
      <figcaption>{isWaiting ? t('flash.module.boot.waiting') : t('flash.module.boot.title')}</figcaption>
      <ol>
        <li>
          <span className={css.picture} aria-hidden>
            <Kbd size="xs" data-down>
              BOOT
            </Kbd>
          </span>
          <span>{t('flash.module.boot.hold')}</span>
        </li>
        <li>
          <span className={css.picture} aria-hidden>
            <Kbd size="xs" data-down>
              BOOT
            </Kbd>
            <Kbd size="xs" data-press>
              RESET
            </Kbd>
          </span>
          <span>{t('flash.module.boot.power')}</span>
        </li>
        <li>
          <span className={css.picture} aria-hidden>
            <IconPlugConnected size={18} />
            <Kbd size="xs">BOOT</Kbd>
          </span>
          <span>{t('flash.module.boot.release')}</span>
        </li>
      </ol>
      <p className="quiet">{t('flash.module.boot.usb')}</p>
    </figure>
  );
}
