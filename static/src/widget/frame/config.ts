import type { WidgetConfig } from '../config';

/** Throws where the document holds no readable configuration: then nothing else can work either. */
export function readConfig(document: Document): WidgetConfig {
  const element = document.getElementById('widget-config');
  if (!element) throw new Error('the document has no widget-config');
  return JSON.parse(element.textContent ?? '') as WidgetConfig;
}

/** What the organization wrote in this language, else in its own. */
export function textOf(
  config: WidgetConfig,
  locale: string,
  name: 'title' | 'greeting' | 'intro' | 'offline',
): string | null {
  return config.texts[locale]?.[name] ?? config.texts[config.defaultLocale]?.[name] ?? null;
}
