import { ActionIcon, Tooltip } from '@mantine/core';
import { IconKeyboard } from '@tabler/icons-react';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { setParameters, useParameters } from '../../lib/location.ts';
import { useShortcuts } from '../../lib/shortcuts.ts';
import { WifiSetupPanel } from '../wifi-setup/wifi-setup-panel.tsx';
import { showToolsOf, tickBoard } from './chosen-boards.ts';
import { chooseFirmware, firmwareRequest, readFolderAgain, useChosenFirmware } from './chosen-firmware.ts';
import css from './flash.module.css';
import { FlashKeys } from './flash-keys.tsx';
import { changeDraft, provisioningOf, useProvisioningDraft } from './provisioning/draft.ts';
import { ProvisioningTab } from './provisioning/provisioning-tab.tsx';
import { RecipesTab } from './recipes/recipes-tab.tsx';
import { ToolsTab } from './tools/tools-tab.tsx';
import { useTypedByHand } from './typed-by-hand.ts';
import { usePlan } from './use-plan.ts';
import { WriteTab } from './write-tab.tsx';

const tabs = ['write', 'provisioning', 'recipes', 'tools', 'wifi'] as const;
type Tab = (typeof tabs)[number];

/** Firmware onto boards, what else goes into them, and the same for many of them. */
export function FlashScreen() {
  const { t } = useTranslation();
  const parameters = useParameters();
  const tab: Tab = tabs.find((each) => each === parameters.get('tab')) ?? 'write';
  const linked = parameters.get('port');
  const [areKeysShown, setKeysShown] = useState(false);
  const chosen = useChosenFirmware();
  const draft = useProvisioningDraft();
  const provisioning = useMemo(() => provisioningOf(draft), [draft]);
  const request = useMemo(() => firmwareRequest(chosen, provisioning), [chosen, provisioning]);
  const planned = usePlan(request);
  // A link to a board chooses it once; afterwards people choose themselves.
  useEffect(() => {
    if (linked === null) return;
    if (tab === 'tools') showToolsOf(linked);
    else tickBoard(linked, true);
    setParameters({ port: null });
  }, [linked, tab]);
  useEffect(refuseStrayDrops, []);
  useEffect(rereadOnReturn, []);

  const show = (to: Tab): void => setParameters({ tab: to === 'write' ? null : to });
  const writeAlone = (): void => {
    changeDraft({ isOn: true });
    chooseFirmware({ isProvisionOnly: true });
    show('write');
  };
  const shortcuts = useTypedByHand({
    ...Object.fromEntries(tabs.map((each, index) => [String(index + 1), () => show(each)])),
    a: () => press('add'),
    d: () => press('folder'),
    b: () => focusFirst('boards'),
    p: () => press('only'),
    f: () => press('start'),
    o: () => toggleFold('options'),
    c: () => toggleFold('commands'),
    r: () => press('retry'),
    x: () => press('cancel'),
    '?': () => setKeysShown(true),
  });
  useShortcuts(shortcuts);

  return (
    <div className={css.screen}>
      <div className={css.tabBar}>
        <div className={css.tabs} role="tablist" aria-label={t('flash.tabs.label')}>
          {tabs.map((each, index) => (
            <button
              key={each}
              type="button"
              role="tab"
              id={`flash-tab-${each}`}
              className={css.tab}
              aria-selected={each === tab}
              aria-controls="flash-panel"
              aria-keyshortcuts={String(index + 1)}
              onClick={() => show(each)}
            >
              {t(`flash.tabs.${each}`)}
              {each === 'provisioning' && provisioning !== null && <span className={css.on} aria-hidden />}
            </button>
          ))}
        </div>
        <Tooltip label={`${t('flash.keys.title')} · ?`}>
          <ActionIcon aria-label={t('flash.keys.title')} onClick={() => setKeysShown(true)}>
            <IconKeyboard size={17} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </div>
      <div className={css.panel} role="tabpanel" id="flash-panel" aria-labelledby={`flash-tab-${tab}`}>
        {tab === 'write' && <WriteTab planned={planned} request={request} provisioning={provisioning} />}
        {tab === 'provisioning' && <ProvisioningTab plan={planned.shown} onAlone={writeAlone} />}
        {tab === 'recipes' && <RecipesTab planned={planned} />}
        {tab === 'tools' && <ToolsTab />}
        {tab === 'wifi' && <WifiSetupPanel />}
      </div>
      {areKeysShown && <FlashKeys onClose={() => setKeysShown(false)} />}
    </div>
  );
}

/** Who comes back to the window may have built in another one. */
function rereadOnReturn(): () => void {
  window.addEventListener('focus', readFolderAgain);
  return () => window.removeEventListener('focus', readFolderAgain);
}

/** A file dropped beside everything that takes one would replace the page by its content. */
function refuseStrayDrops(): () => void {
  const refuse = (event: DragEvent): void => event.preventDefault();
  window.addEventListener('dragover', refuse);
  window.addEventListener('drop', refuse);
  return () => {
    window.removeEventListener('dragover', refuse);
    window.removeEventListener('drop', refuse);
  };
}

/** What a key does is what the control of that name does, where it is shown and can be used. */
function control(name: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-key="${name}"]`);
}
function press(name: string): void {
  control(name)?.click();
}
function focusFirst(name: string): void {
  control(name)?.querySelector<HTMLElement>('input, button')?.focus();
}
function toggleFold(name: string): void {
  const fold = control(name);
  fold?.querySelector<HTMLElement>('summary')?.click();
  // It opens below the others, where a small window does not reach.
  requestAnimationFrame(() => fold?.scrollIntoView({ block: 'nearest' }));
}
