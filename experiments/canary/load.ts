import { gatewayUrl } from '../../loadtest/addresses.ts';
import { canaryLoad } from '../../loadtest/canary.ts';

export { options } from '../../loadtest/canary.ts';

/** Reads the catalogue and counts which version of product responded. */
export default canaryLoad(gatewayUrl);
