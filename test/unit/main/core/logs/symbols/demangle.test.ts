import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { demangle } from '../../../../../../main/core/logs/symbols/demangle.ts';

// Right-hand sides are what GNU c++filt 2.40 writes.
describe('C++ names as c++filt writes them', () => {
  test.each([
    ['_Z3fooi', 'foo(int)'],
    ['_Z3foov', 'foo()'],
    ['_ZN5voice9AnnouncerC1Ei', 'voice::Announcer::Announcer(int)'],
    ['_ZN5voice9AnnouncerD2Ev', 'voice::Announcer::~Announcer()'],
    ['_ZNK5voice9Announcer3sayEPKcj', 'voice::Announcer::say(char const*, unsigned int) const'],
    ['_ZN5voice5LevelIsEpLERKS1_', 'voice::Level<short>::operator+=(voice::Level<short> const&)'],
    [
      '_ZZNK5voice9Announcer3sayEPKcjENKUlcE_clEc.isra.0',
      'voice::Announcer::say(char const*, unsigned int) const::{lambda(char)#1}::operator()(char) const [clone .isra.0]',
    ],
    ['_ZN12_GLOBAL__N_15quietEi', '(anonymous namespace)::quiet(int)'],
    ['_Z2cbPFvicEM1AiMS1_KFiiERA5_i', 'cb(void (*)(int, char), int A::*, int (A::*)(int) const, int (&) [5])'],
    ['_Z3litILi4ELb1ELc120EEiRAT__i', 'int lit<4, true, (char)120>(int (&) [4])'],
    ['_Z4packIJRiiRA2_Kc1AEEvDpOT_', 'void pack<int&, int, char const (&) [2], A>(int&, int&&, char const (&) [2], A&&)'],
    [
      '_ZN9__gnu_cxxltIPiSt6vectorIiSaIiEEEEbRKNS_17__normal_iteratorIT_T0_EESA_',
      'bool __gnu_cxx::operator< <int*, std::vector<int, std::allocator<int> > >(__gnu_cxx::__normal_iterator<int*, std::vector<int, std::allocator<int> > > const&, __gnu_cxx::__normal_iterator<int*, std::vector<int, std::allocator<int> > > const&)',
    ],
    ['_ZNSolsEi', 'std::basic_ostream<char, std::char_traits<char> >::operator<<(int)'],
    ['_Z1fSs', 'f(std::string)'],
    ['_ZTVN5voice9AnnouncerE', 'vtable for voice::Announcer'],
    ['_ZThn8_N5voice9AnnouncerD0Ev', 'non-virtual thunk to voice::Announcer::~Announcer()'],
    ['_ZGVZN3app3getEvE8instance', 'guard variable for app::get()::instance'],
    ['_ZSt9use_facetIKSt5ctypeIcEERKT_RKSt6locale', 'std::ctype<char> const& std::use_facet<std::ctype<char> const>(std::locale const&)'],
    ['_ZNK1AcvPiEv', 'A::operator int*() const'],
    ['_ZNO1A1gEv', 'A::g() &&'],
    ['_Znwj', 'operator new(unsigned int)'],
  ])('%s', (mangled, readable) => expect(demangle(mangled)).toBe(readable));
});

describe('what is not understood stays as it is', () => {
  test.each(['app_main', '', '_Z', '_Z3fo', '_ZNK1n1WIiEcvT_IdEEv', '_Z1fIXgtLi3ELi2EEEvv', '_Z3fooi???'])('%s', (name) =>
    expect(demangle(name)).toBe(name),
  );

  test('substitutions that double with each step end', () => {
    const doubling = `_Z1f${'St4pairI'.repeat(40)}`;
    expect(demangle(doubling)).toBe(doubling);
  });

  test('any text', () => {
    const letters = fc.constantFrom(...'_ZNKEISTPROCD0123456789abcilvjxUlFAMJLst.'.split(''));
    fc.assert(
      fc.property(fc.string({ unit: letters, maxLength: 60 }), (text) => typeof demangle(`_Z${text}`) === 'string'),
      { numRuns: 3000 },
    );
  });
});
