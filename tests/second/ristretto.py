"""ristretto255 (RFC 9496) and what Amanat builds on it, in plain Python.

A second implementation, to check the first: slow, not constant-time, never for
real secrets. Written from the RFCs and the project's protocol, standard library
only.
"""
import hashlib
import hmac

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
I = pow(2, (P - 1) // 4, P)


def is_negative(x):
    return x % P & 1


def absolute(x):
    return P - x % P if is_negative(x) else x % P


def sqrt_ratio(u, v):
    """(was square, sqrt(u/v) or sqrt(i*u/v)), RFC 9496 4.2."""
    r = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    check = v * r * r % P
    correct = check == u % P
    flipped = check == -u % P
    flipped_i = check == -u * I % P
    if flipped or flipped_i:
        r = r * I % P
    return correct or flipped, absolute(r)


INVSQRT_A_MINUS_D = sqrt_ratio(1, (-1 - D) % P)[1]
ONE_MINUS_D_SQ = (1 - D * D) % P
D_MINUS_ONE_SQ = (D - 1) * (D - 1) % P
# The square root of -D - 1 that RFC 9496 4.1 names; the other one is its negative.
SQRT_AD_MINUS_ONE = \
    25063068953384623474111414158702152701244531502492656460079210482610430750235


class Point:
    """Extended coordinates of edwards25519; equality is that of encodings."""

    def __init__(self, x, y, z, t):
        self.x, self.y, self.z, self.t = x, y, z, t

    def __add__(self, o):
        a = (self.y - self.x) * (o.y - o.x) % P
        b = (self.y + self.x) * (o.y + o.x) % P
        c = 2 * self.t * o.t * D % P
        d = 2 * self.z * o.z % P
        e, f, g, h = b - a, d - c, d + c, b + a
        return Point(e * f % P, g * h % P, f * g % P, e * h % P)

    def __neg__(self):
        return Point(-self.x % P, self.y, self.z, -self.t % P)

    def __sub__(self, o):
        return self + -o

    def __rmul__(self, k):
        r, q, k = Point(0, 1, 1, 0), self, k % L
        while k:
            if k & 1:
                r = r + q
            q, k = q + q, k >> 1
        return r

    def encode(self):
        u1 = (self.z + self.y) * (self.z - self.y) % P
        u2 = self.x * self.y % P
        _, root = sqrt_ratio(1, u1 * u2 * u2)
        d1, d2 = root * u1 % P, root * u2 % P
        z_inv = d1 * d2 * self.t % P
        x, y, d = self.x, self.y, d2
        if is_negative(self.t * z_inv):
            x, y = self.y * I % P, self.x * I % P
            d = d1 * INVSQRT_A_MINUS_D % P
        if is_negative(x * z_inv):
            y = -y % P
        return absolute(d * (self.z - y)).to_bytes(32, 'little')

    def __eq__(self, o):
        return self.encode() == o.encode()


def decode(b):
    """Strict: 32 bytes, canonical, not the identity."""
    s = int.from_bytes(b, 'little')
    if len(b) != 32 or s >= P or is_negative(s) or s == 0:
        raise ValueError('not a canonical point')
    ss = s * s % P
    u1, u2 = (1 - ss) % P, (1 + ss) % P
    v = (-D * u1 * u1 - u2 * u2) % P
    square, root = sqrt_ratio(1, v * u2 * u2)
    x_den = root * u2 % P
    y_den = root * x_den * v % P
    x = absolute(2 * s * x_den)
    y = u1 * y_den % P
    t = x * y % P
    if not square or is_negative(t) or y == 0:
        raise ValueError('not a point')
    return Point(x, y, 1, t)


def elligator(t):
    r = I * t * t % P
    u = (r + 1) * ONE_MINUS_D_SQ % P
    v = (-1 - r * D) * (r + D) % P
    square, s = sqrt_ratio(u, v)
    if not square:
        s = -absolute(s * t) % P
    c = -1 % P if square else r
    n = (c * (r - 1) * D_MINUS_ONE_SQ - v) % P
    w0 = 2 * s * v % P
    w1 = n * SQRT_AD_MINUS_ONE % P
    w2, w3 = (1 - s * s) % P, (1 + s * s) % P
    return Point(w0 * w3 % P, w2 * w1 % P, w1 * w3 % P, w0 * w2 % P)


def from_hash(b):
    low = 2**255 - 1
    return elligator(int.from_bytes(b[:32], 'little') & low) + \
        elligator(int.from_bytes(b[32:], 'little') & low)


BASE = decode(bytes.fromhex(
    'e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76'))


def scalar(b, nonzero=True):
    s = int.from_bytes(b, 'little')
    if len(b) != 32 or s >= L or (nonzero and s == 0):
        raise ValueError('not a canonical scalar')
    return s


def enc_scalar(s):
    return (s % L).to_bytes(32, 'little')


def T(tag):
    return b'amanat/1 ' + tag.encode() + b'\0'


def expand(dst, m):
    """expand_message_xmd with SHA-512, 64 bytes (RFC 9380 5.3.1)."""
    dst += bytes([len(dst)])
    b0 = hashlib.sha512(bytes(128) + m + b'\0\x40\0' + dst).digest()
    return hashlib.sha512(b0 + b'\1' + dst).digest()


def hash_to_scalar(ctx, m):
    return int.from_bytes(expand(b'HashToScalar-' + ctx, m), 'little') % L


def hash_to_group(ctx, m):
    return from_hash(expand(b'HashToGroup-' + ctx, m))


def hkdf(ikm, salt, info, n):
    prk = hmac.new(salt, ikm, hashlib.sha512).digest()
    out, t, i = b'', b'', 0
    while len(out) < n:
        i += 1
        t = hmac.new(prk, t + info + bytes([i]), hashlib.sha512).digest()
        out += t
    return out[:n]


def lagrange(indices, i):
    if 0 in indices or len(set(indices)) != len(indices):
        raise ValueError('index 0 or twice')
    num = den = 1
    for j in indices:
        if j != i:
            num, den = num * j % L, den * (j - i) % L
    return num * pow(den, L - 2, L) % L
