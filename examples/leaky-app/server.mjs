import { serve } from '../shared/serve.mjs';
import { createShop } from '../shared/shop.mjs';
import * as caches from './caches.mjs';

serve(createShop(caches), caches);
