import { useTranslation } from 'react-i18next';
import { CloudSettings } from '../cloud-settings.tsx';
import css from './devices.module.css';
import { settingGroups } from './setting-groups.ts';

/** How the hosted TWeTalk behaves, for every device: what no document says is a choice here. */
export function TwetalkSettings() {
  const { t } = useTranslation();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard
    <section className={`${css.body} ${css.wide}`} tabIndex={0} aria-label={t('devices.settings')}>
      {Object.entries(settingGroups).map(([group, names]) => (
        <CloudSettings key={group} group="twetalk" title={t(`devices.settingGroup.${group as keyof typeof settingGroups}`)} names={names} />
      ))}
    </section>
  );
}
