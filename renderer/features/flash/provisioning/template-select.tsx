import { Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useReply } from '../../../lib/actions.ts';
import { changeDraft, putEntries } from './draft.ts';

/** Those of the core that have a name in each language. */
const named = ['twetalk', 'device', 'wifi'] as const;

/** Sets of entries that a firmware is known to read. */
export function TemplateSelect() {
  const { t } = useTranslation();
  const templates = useReply('provisioning.templates', {}).data?.templates ?? [];
  function nameOf({ id, name }: { id: string; name: string }): string {
    const known = named.find((each) => each === id);
    return known === undefined ? name : t(`provisioning.templateName.${known}`);
  }
  function put(id: string | null): void {
    const template = templates.find((each) => each.id === id);
    if (template === undefined) return;
    putEntries(template.entries);
    changeDraft({ isOn: true });
  }
  return (
    <Select
      label={t('provisioning.template')}
      placeholder={t('provisioning.chooseTemplate')}
      data={templates.map((each) => ({ value: each.id, label: nameOf(each) }))}
      value={null}
      onChange={put}
    />
  );
}
