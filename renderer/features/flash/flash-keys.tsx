import { Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import css from './flash.module.css';

/** Every key of the Flash screen. The words are `flash.keys.<name>`. */
const keys = [
  ['1 … 5', 'tabs'],
  ['A', 'add'],
  ['D', 'folder'],
  ['B', 'boards'],
  ['P', 'only'],
  ['F', 'start'],
  ['R', 'retry'],
  ['X', 'cancel'],
  ['O', 'options'],
  ['C', 'commands'],
  ['← →', 'map'],
  ['Enter', 'labels'],
  ['?', 'keys'],
] as const;

export function FlashKeys({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  return (
    <Modal opened onClose={onClose} closeButtonProps={{ 'aria-label': t('monitor.close') }} title={t('flash.keys.title')} size={560}>
      <dl className={css.keys}>
        {keys.map(([key, name]) => (
          <div key={name}>
            <dt>{key}</dt>
            <dd>{t(`flash.keys.${name}`)}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
