import { Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useReply } from '../../../lib/actions.ts';
import { changeDraft, putEntries } from './draft.ts';

/** Sets of entries that a firmware is known to read. */
export function TemplateSelect() {
  const { t } = useTranslation();
  const templates = useReply('provisioning.templates', {}).data?.templates ?? [];
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
      data={templates.map(({ id, name }) => ({ value: id, label: name }))}
      value={null}
      onChange={put}
    />
  );
}
