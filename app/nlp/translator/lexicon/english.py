"""Ordinary English words that mean nothing to the translator.

They are listed so that none of them is taken for a misspelt name ("card" is no `cart`), and so that a sentence
about something else is told apart from one that could not be read.
"""

from __future__ import annotations

ORDINARY: frozenset[str] = frozenset(
    """
    comes ticket decide decides decided deciding stay stays stayed staying placed shown appreciate rank ranked
    a able about above across act add address afraid after again against age air all almost alone along am an and
    animal answer any anybody anything are area around as ask asking at away baby bad bank base bath be beach bean
    bear beat because become bed been before behind being below berlin best bet better between beyond big bird blue
    boat body bone book born both box boy brain bread bring brother build building business busy but buy by call
    came camera can capital car card care case cash cat catch cause chair chance cheap check child city class clear
    close cloud coat code coffee cold color come cook cool cost could country cream cup dad dark data date day dead
    deal dear death deep desk did die dinner dish do doctor does dog done door draw dream dress drink drive drug dry
    during each ear early earth east easy eat eight else email end enough even evening event every everything exact
    example except expect eye face fact fall family far farm fast faster father fear feel feet few field fight
    figure file fill film fine fire first fish five floor fly follow food foot for form four france free friday
    friend from front full fun function fund future garden gas gave germany get gets getting girl give given glad
    glass goal god goes going gold gone good great green ground group guess gun had hair hall hand happen happy hard
    has hat hate have he head hear heart heat heavy held hell hello her here hers hide high hill him his history hit
    hold hole home hope horse hospital host hot hotel hour house huge human hurt husband i ice idea if in inside
    interest into is it its july jump june just keen key kid kill kind king kiss kitchen knee knew know lady lake
    land language large last late laugh law lead learn least leave left leg lesson letter letters life lift light
    like line lion lip list listen little live london long lord lose lost lot love low luck lunch machine mad made
    main make makes making man many map mark market master match matter may me meal mean meat meet member men middle
    might mile milk mind mine minute miss mode model moment monday money month moon more morning most mother
    mountain mouse mouth much mum must my name near neck need needs never new next nice nicer night nine nor nose
    note nothing notice number numbers occur ocean of off office often oil old on once only onto open option or
    order other otherwise our ours outside over page paint pair paper parent paris park part party pass past path
    pay peace pen people perfect perhaps person phone pick piece place plan plane plant play please plenty point
    police poor port possible post power present press price print private program public push python question quick
    quiet quite race radio rain ran random rather reach ready real really reason record red remember rent rest rich
    ride ring rise river road rock roof room round rule safe sail salt same sand sat sausage save saw says school
    score sea season seat second sell send sense serious seven shall shape share she ship shoe shop short shot
    should shoulder side sign silver simple since sing sister sit six size skin sky sleep slow slower small smell
    smile snow so soft soil some someone something son soon sort sorts sound south space speak special speed spend
    sport spring square staff stage stand star station stay step stick stone store storm story straight strange
    street strong student study such sugar suit summer sun sunday sure sweet swim table take taken takes talk tall
    taste tax tea teach team tell tells ten tend test text than thank that the their them then there these they
    thing think third this those though thought three through throw thursday thus tie till time tired to today
    together tomorrow tonight too took tool tooth top total touch toward town trade train travel tree trial trip
    true trust truth try tuesday turn twelve twenty type uncle under unless unlike until up upon us use usual very
    view village visit voice wait walk wall want wants war warm was wash waste watch water way we wear weather
    wednesday week weight welcome well went were west wet what whatever wheel when whenever where whether which
    while white who whole whom whose why wide wife wild will win wind window wine winter wish with within without
    woman wonder wood word world worry worse worst worth would write written wrong yard year yellow yes yesterday
    yet you young your yours
    carry carrying carried carries gobble stretch breathe ourselves themselves yourself likewise ditto trick squad
    crew folks lads mates pals bloke telly lorry bargain shove sling hurl heave toss nudge jab jolt shake jerk whack
    thump slap smack clout headcount hibernate muscle troops
    """.split()  # noqa: SIM905 - a list of a thousand quoted words reads worse
)
