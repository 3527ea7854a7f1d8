import { useTranslation } from 'react-i18next';
import type { DeviceChoice } from '../../../../preload/contract/provisioning.ts';
import { useDeviceLists } from '../flash-streams.ts';
import css from './provisioning.module.css';

/**
 * Whether the list that boards take their devices from is long enough for `wanted` of them. A board that had one of it before takes no
 * other, so that a short list is a warning and no refusal.
 */
export function ListLeft({ device, wanted }: { device: DeviceChoice | undefined; wanted: number }) {
  const { t } = useTranslation();
  const lists = useDeviceLists();
  if (device?.kind !== 'list') return null;
  const list = lists?.find(({ listId }) => listId === device.listId);
  if (list === undefined) return null;
  const isShort = list.free < wanted;
  return (
    <p className={isShort ? css.short : `quiet ${css.left}`} role="status">
      {t(`provisioning.lists.${isShort ? 'short' : 'left'}`, { name: list.name, count: list.free, boards: wanted })}
    </p>
  );
}
