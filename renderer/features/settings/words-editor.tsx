import { TagsInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** A list of words, each added by Enter or a comma. */
export function WordsEditor(props: {
  id: string;
  words: readonly string[];
  max: number;
  maxLength: number;
  onChange(next: string[]): void;
}) {
  const { t } = useTranslation();
  const { id, words, max, maxLength, onChange } = props;
  return (
    <TagsInput
      id={id}
      size="xs"
      placeholder={t('settings.addWord')}
      value={[...words]}
      maxTags={max}
      maxLength={maxLength}
      splitChars={[',', '，', '、']}
      onChange={(next) => onChange(next.map((word) => word.trim()).filter((word) => word !== ''))}
    />
  );
}
