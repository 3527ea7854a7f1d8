import { Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import css from './key-table.module.css';

/** Every key of the Monitor, by what it is about. The words are `monitor.keys.<name>`. */
export const monitorKeys = {
  look: [
    ['/ · Ctrl+F', 'find'],
    ['n · N', 'step'],
    ['F', 'filter'],
    ['L', 'level'],
    ['T', 'tags'],
    ['M', 'repeats'],
    ['X', 'dim'],
    ['V', 'beside'],
    ['E', 'firstError'],
    ['G', 'jump'],
  ],
  rows: [
    ['↑ ↓ PgUp PgDn Home', 'move'],
    ['Shift+↑ ↓ · Ctrl+A', 'select'],
    ['Ctrl+C', 'copy'],
    ['B', 'mark'],
    ['Shift+B · Alt+Shift+B', 'nextMark'],
    ['Enter', 'details'],
    ['Shift+F10', 'menu'],
  ],
  view: [
    ['Space', 'pause'],
    ['End', 'follow'],
    ['Ctrl+L', 'clear'],
    ['Shift+T', 'times'],
    ['H', 'hex'],
    ['C', 'columns'],
    ['Z', 'unzoom'],
    ['Shift+Z', 'onlyRange'],
    ['Ctrl+S', 'save'],
  ],
  places: [
    ['0 · 1 … 9', 'tab'],
    ['S', 'split'],
    ['W', 'closePane'],
    ['[ · ]', 'pane'],
    ['O', 'ports'],
    [',', 'settings'],
    ['I', 'send'],
    ['D R K P A Y', 'panels'],
    ['?', 'keys'],
  ],
} as const;

export function KeyTable({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  return (
    <Modal opened onClose={onClose} closeButtonProps={{ 'aria-label': t('monitor.close') }} title={t('monitor.keys.title')} size={760}>
      <div className={css.groups}>
        {(Object.keys(monitorKeys) as (keyof typeof monitorKeys)[]).map((group) => (
          <section key={group}>
            <h3>{t(`monitor.keys.group.${group}`)}</h3>
            <dl>
              {monitorKeys[group].map(([keys, name]) => (
                <div key={name}>
                  <dt>{keys}</dt>
                  <dd>{t(`monitor.keys.${name}`)}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
