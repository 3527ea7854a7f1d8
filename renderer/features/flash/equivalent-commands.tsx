import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { FlashPlan } from '../../../preload/contract/flash.ts';
import css from './firmware.module.css';

/** The same as lines to paste into a terminal or a script. */
export function EquivalentCommands({ commands, isProvisioned }: { commands: FlashPlan['commands']; isProvisioned: boolean }) {
  const { t } = useTranslation();
  if (commands.length === 0) return null;
  return (
    <details className={css.fold} data-key="commands">
      <summary>{t('flash.commands')}</summary>
      {isProvisioned && <p className={css.caution}>{t('flash.commandsWithoutSecrets')}</p>}
      {commands.map(({ tool, line }) => (
        <div key={tool} className={css.command}>
          <pre>{line}</pre>
          <CopyLine text={line} label={`${t('flash.copy')}: ${t(`flash.commandOf.${tool}`)}`} />
        </div>
      ))}
    </details>
  );
}

function CopyLine({ text, label }: { text: string; label: string }) {
  const { t } = useTranslation();
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? t('flash.copied') : t('flash.copy')}>
          <ActionIcon size={22} aria-label={label} onClick={copy}>
            {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}
