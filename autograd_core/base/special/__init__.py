"""Special functions on plain floats: gamma and its kin, zeta, Bessel functions, integrals of exponentials.

Like those of `float_functions` they never raise: outside their domain they are nan, at a pole infinite.
"""

from .bessel import i0, i0e, i0e_derivative, i1, i1e, i_ratio, j0, j1, j_ratio, y0, y1
from .gammas import beta, betaln, digamma, gamma, lgamma, polygamma
from .normal_distribution import erfinv, log_ndtr, log_ndtr_derivative, ndtri
from .sinc_and_expi import expi, sinc, sinc_derivative
from .zeta import zeta, zeta_derivative

__all__ = [
    "beta",
    "betaln",
    "digamma",
    "erfinv",
    "expi",
    "gamma",
    "i0",
    "i0e",
    "i0e_derivative",
    "i1",
    "i1e",
    "i_ratio",
    "j0",
    "j1",
    "j_ratio",
    "lgamma",
    "log_ndtr",
    "log_ndtr_derivative",
    "ndtri",
    "polygamma",
    "sinc",
    "sinc_derivative",
    "y0",
    "y1",
    "zeta",
    "zeta_derivative",
]
