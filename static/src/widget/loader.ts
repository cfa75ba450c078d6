/**
 * The script on the customer's page: one file without imports, one global, `LiveCaller`.
 * Under `/w/<public key>.js` the server wraps it in a function whose argument is the widget's configuration;
 * under its hashed name it stands alone and reads the `data-` attributes of its script element.
 */
import { api, type LiveCaller } from './loader/api';
import { safe } from './loader/safe';
import { settings } from './loader/settings';

declare global {
  interface Window {
    LiveCaller?: LiveCaller;
  }
}

safe(() => {
  const stub = window.LiveCaller;
  // A second script on the same page leaves the first alone.
  if (stub?.liftOff) return;
  window.LiveCaller = api;
  // What stands in a list that is not ours may be anything: one that cannot be called stops no other.
  Array.from(
    stub?.q ?? [],
    safe((call) => api(`${call[0]}`, call[1], call[2])),
  );
  if (settings.publicKey) api('boot');
})();
