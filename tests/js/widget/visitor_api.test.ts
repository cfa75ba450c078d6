import { afterEach, expect, test } from 'vitest';
import { openIdentity } from '../../../static/src/widget/frame/identity';
import { VisitorApi } from '../../../static/src/widget/frame/visitor_api';

afterEach(() => document.documentElement.removeAttribute('lang'));

test('asks for refusals in the language that the frame speaks now', async () => {
  const languages: (string | null)[] = [];
  const answer = async (_address: string | URL | Request, init?: RequestInit) => {
    languages.push(new Headers(init?.headers).get('Accept-Language'));
    return new Response('[]');
  };
  const identity = openIdentity('pk_test', () => localStorage);
  const api = new VisitorApi('https://widget.example/api/', identity, { fetch: answer });
  for (const lang of ['', 'ka', 'he']) {
    document.documentElement.lang = lang;
    await api.threads();
  }
  expect(languages).toEqual([null, 'ka', 'he']);
});
