"""The grammar of the phrases on which the text encoder is trained: pictures, styles, scenes and requests, in English.

One rule a paragraph, its alternatives parted by bars; a name in braces stands for any alternative of that rule. Rules
that are used but not written here are lists: `impasto.training.phrases` gives them.
"""

import re

RULES = """
phrase: {scene} | {scene} | {scene} | {styled} | {styled} | {style} | {style} | {shot} | {request} | {request}
| {negation} | {comparison} | {known} | {known} | {known} | {general} | {general} | {general} | {general} | {general}

known: {caption} | {caption} | {title} | {title} by {artist} | {artist} | in the style of {artist} | {class}
| {a} {class} | {a} {class} {place} | a photo of {a} {class} | {styled medium} of {a} {class} | {movement}
| {movement} painting of {a} {class} | {artist}, {movement} | {title}, {medium} | {subject} as painted by {artist}
| {museum medium} | {title} by {artist}, {museum medium} | {museum medium}, {movement}

scene: {a} {size} {color} {thing} {moves} {place} {time} | {a} {color} {thing} {moves} {place}
| {someone} {does} {place} | {someone} {does} {place} {time} | {someone} and {someone} {do} {place}
| {subject} {place} | {subject} {place} {time} | {subject}, {weather} | {place}, {weather}, {light}
| {weather} {place} | {count} {things} {move} {place} | {a} {thing} {relation} {a} {thing}
| {a} {color} {thing} {relation} {a} {color} {thing} | {a} {animal} {acts} {place}
| {a} {color} {animal} {acts} while {someone} {does} | {subject}, {light}, seen {view}
| {someone} wearing {a} {color} {cloth} | {someone} with {a} {thing}, {weather}
| {a} {size} {animal} {relation} {someone} | {things} and {things} {place} | there is {a} {thing} {place}
| the {thing} is {color} and the {thing} is {color} | {a} {thing} {moves}, {camera}
| first {someone} {does}, then {a} {animal} {acts} | {someone} {does} with {a} {animal}
| the {color} {thing} {moves} {speed}

styled: {styled medium} of {subject} | {styled medium} of {subject} {place} | {subject}, {styled medium}
| {subject} in the style of {artist} | {subject} {place}, {style} | {movement} painting of {subject}
| {scene}, {style} | {scene}, {styled medium} | {a} {class} {place}, {style} | {subject} painted with {stroke}
| {subject} in {palette} | {scene} in {palette} | {styled medium} of {scene} | {style}: {scene}
| {mood} {styled medium} of {subject}

style: {styled medium} | {styled medium}, {palette} | {styled medium} with {stroke} | {palette} | {stroke} | {texture}
| {movement} | {movement}, {medium} | {movement} with {stroke} | {medium}, {palette}, {texture}
| in the style of {artist} | {artist}, {stroke} | {mood} {movement} style | {texture} and {palette}
| {stroke}, {palette}, {mood} | the look of {styled medium} | {movement} by {artist} | {medium} on {material}
| {medium} on {material}, {texture}

styled medium: {a} {medium} | {a} {mood} {medium} | {a} {movement} {medium} | {medium} | {a} {medium} on {material}
| {a} {medium} by {artist}

shot: {camera} | {camera}, {scene} | {scene}, {camera} | {camera} of {subject} | {subject} seen {view}
| {view}, {light} | {scene}, {light} | slow motion of {a} {thing} that {moves} | time lapse of {subject} {place}
| {light} | {weather} {time} | {someone} {does}, close up | wide shot of {place} {time}
| blurred background, {someone} {does} | {weather}, {camera}

request: make it look like {styled medium} | make the video look like {styled medium} | turn this into {styled medium}
| repaint it in the style of {artist} | paint {subject} in {palette} | give it {stroke} | use {palette}
| add {texture} | please make {a} {thing} {color} | change the {thing} from {color} to {color}
| replace the {thing} with {a} {animal} | keep the colors but change the texture | make it more {quality}
| make it less {quality} | less {quality}, more {quality} | remove the {thing} | stylize the clip as {movement}
| I want {styled medium} with {stroke} | show me {subject} {place} | could you draw {someone} as {a} {class}?
| how do I make it look {quality}? | find a style with {palette} | something like {artist}, but {quality}
| the same scene, but {weather} | the same picture {time} | only the {thing} in color | make the sky {color}
| let the {thing} move {speed} | like {a} {medium}, not like {a} {medium}

negation: {subject} without {things} | no {things} {place} | not {a} {medium} | not {a} {medium} but {a} {medium}
| {someone} who is not {doing} | {a} {thing} that is not {color} | no text, no frame | without {texture}
| {place}, nobody there | the {thing} does not move | do not change the {thing} | never {quality}, always {quality}
| anything but {movement} | {scene}, but no {things}

comparison: {quality} and {quality} | more {quality} than {quality} | {movement} or {movement} | {artist} and {artist}
| {a} {thing} as {quality} as {a} {thing} | {a} {animal} smaller than {a} {thing} | half {medium}, half {medium}
| {medium} versus {medium} | between {movement} and {movement} | {a} {thing} like {a} {animal}
| the difference of {color} and {color}

general: {word} | {word} | {word} {word} | {word} and {word} | the {word} of {word} | a painting of {word} and {word}
| a picture of {a} {word} | {a} {word} {relation} {a} {word} | the {word} is {quality} | what is {a} {word}?
| {word}, {word}, {word} | {a} {color} {word} {place} | {word} without {word} | from {word} to {word}
| how to {word} {a} {word} | {someone} {does} near the {word} | {a} {medium} of {a} {word}
| {word} in the style of {artist} | the {quality} {word} | why does the {word} {word}?
| we {word} the {word} before the {word} | she said that the {word} was {quality} | {count} {word} and {count} {word}
| my {word} likes {word} | {word} is a kind of {word} | there is no {word} here | the best {word} for {word}
| {word} {time} | he went to the {word} because of the {word} | if you {word}, you will {word}
| {word} {preposition} the {word} | the {word} {preposition} the {word} {preposition} the {word} | {place} in {word}
| {word} of the {word} {word}

word: {common word} | {common word} | {known word} | {known word} | {any word}

a: a | a | a | one | the

subject: {a} {thing} | {a} {color} {thing} | {a} {size} {thing} | {someone} | {someone} {doing} | {a} {animal}
| {things} | {a} {animal} and {a} {thing} | {sight} | {sight} | {sight} {time} | a portrait of {someone}
| a still life with {things} and {things} | {a} {class} | {mood} {sight}

thing: boat | ship | sailing boat | rowing boat | house | cottage | castle | church | tower | windmill | lighthouse
| bridge | barn | tent | fountain | statue | tree | oak | pine | palm tree | birch | flower | rose | sunflower | tulip
| water lily | mushroom | apple | pear | lemon | orange | bunch of grapes | loaf of bread | bottle | glass of wine
| cup of tea | teapot | vase | bowl | basket | candle | lamp | lantern | clock | book | letter | map | mirror | window
| door | gate | fence | wall | staircase | table | chair | bench | bed | sofa | curtain | carpet | piano | violin
| guitar | drum | trumpet | ball | kite | balloon | hot air balloon | umbrella | hat | mask | crown | sword | shield
| flag | wheel | bicycle | car | bus | truck | tram | train | steam locomotive | aeroplane | rocket | carriage | cart
| cloud | moon | star | rainbow | mountain | rock | island | wave | waterfall | snowman | robot | dragon | ghost
| skull | suitcase | telephone | computer | camera | television | street lamp | traffic light | market stall | square
| circle | triangle | cube | ring

things: boats | houses | trees | flowers | roses | sunflowers | apples | oranges | books | candles | lanterns | people
| children | dancers | soldiers | birds | horses | cows | fish | butterflies | clouds | stars | mountains | bottles
| chairs | windows | umbrellas | cars | bicycles | leaves | snowflakes | fireworks | shadows | ruins | instruments
| hats | letters | words | circles | stripes

animal: cat | dog | horse | cow | sheep | goat | pig | rabbit | fox | wolf | bear | deer | lion | tiger | elephant
| giraffe | monkey | mouse | squirrel | bird | eagle | owl | swan | duck | goose | hen | crow | parrot | flamingo
| penguin | fish | goldfish | shark | whale | dolphin | octopus | turtle | frog | snake | lizard | butterfly | bee
| spider | camel | donkey | unicorn

someone: a man | a woman | a child | a boy | a girl | an old man | an old woman | a young woman | a farmer
| a fisherman | a sailor | a soldier | a king | a queen | a monk | a saint | an angel | a painter | a dancer
| a musician | a cyclist | a runner | a swimmer | a skater | a cook | a baker | a shepherd | a hunter | a knight
| a doctor | a teacher | a worker | a tourist | a crowd | a couple | a mother and her child | two friends | a family
| somebody | my grandmother | the model | a figure | a stick figure

does: walks | runs | sits | stands | sleeps | dances | sings | reads a book | writes a letter | plays the violin
| plays chess | rides a bicycle | rides a horse | rows a boat | swims | jumps | falls | climbs | waves | waits | works
| cooks | eats | drinks | paints | prays | laughs | weeps | looks out of the window | looks at the sea
| carries a basket | opens the door | throws a ball | flies a kite | picks apples | feeds the birds | turns around
| walks away | comes closer | holds {a} {thing} | looks at {a} {thing} | points at {a} {animal}

doing: walking | running | sitting | standing | sleeping | dancing | singing | reading | writing | playing music
| riding | rowing | swimming | jumping | climbing | waiting | working | cooking | eating | painting | praying
| laughing | weeping | looking back | holding {a} {thing}

do: walk | talk | dance | embrace | argue | play cards | sit at a table | run away | wait | sing | shake hands | fight

acts: sleeps | runs | jumps | eats | drinks | plays | hides | flies away | looks around | lies in the sun
| sits on {a} {thing} | chases {a} {animal} | drinks water | walks slowly | turns its head | crosses the road

moves: sails to the left | sails to the right | moves to the left | moves to the right | moves up | moves down
| drifts | floats | turns | spins | stands still | rises | falls | swings | rolls down the hill | comes nearer
| goes away | shakes | flies past | burns | shines | grows | disappears | passes by | rotates | bounces | slides
| crosses the picture

move: move to the left | move to the right | drift | float | turn | stand still | rise | fall | dance | fly past
| grow | come together | fall apart

speed: slowly | fast | very fast | gently | suddenly | all the time | from left to right | from right to left
| upwards | in circles

relation: on | under | next to | behind | in front of | above | below | inside | near | far from | left of | right of
| between | leaning on | larger than | smaller than | instead of | reflected in | hidden behind | in the shadow of

preposition: of | in | on | for | with | without | against | before | after | through | under | over | about | from
| to | by | near

place: by the sea | by the seaside | on the beach | in the harbour | on the river | by a lake | on an island
| under water | in the mountains | on a hill | in a valley | in the forest | in a garden | in an orchard
| in a field of wheat | in a meadow | in the desert | in the snow | on the ice | in a village | in the city
| on a street | at the market | on a bridge | in the station | in a room | in the kitchen | in a cafe | in a bar
| in a church | in a palace | in a castle | in the studio | in a library | on a stage | on a balcony | on the roof
| in a boat | in a train | in the sky | in space | on the moon | at the window | at the table | on a farm | in ruins
| in a cave | in a jungle | in Paris | in Venice | in Japan | in Holland | in Rome | in New York | along a canal
| in an empty landscape | on a white background | in the foreground | in the background | at the edge of the picture

sight: a landscape | a seascape | a city view | a village street | a harbour at sea | a mountain lake | a river valley
| a wheat field | a winter landscape | a storm at sea | a shipwreck | a battle | a wedding | a feast | a funeral
| a market | a ball | a picnic | a harvest | a hunt | a sunset | a sunrise | a starry sky | a garden full of flowers
| an interior | a kitchen | a street at night | a portrait | a self-portrait | a nude | a still life | a bouquet
| the nativity | the crucifixion | a madonna with child | the last supper | a myth | a skyline | a traffic jam
| a crowd of people | a football match | a concert | an abstract pattern | geometric shapes | a face

time: at dawn | in the morning | at noon | in the afternoon | in the evening | at dusk | at night | at midnight
| in spring | in summer | in autumn | in winter | at sunset | at sunrise | after the rain | before the storm
| on a holiday | long ago | in the future | in the eighteenth century

weather: rain | heavy rain | drizzle | snow | falling snow | fog | mist | a thunderstorm | lightning | wind
| strong wind | clear sky | clouds | dark clouds | sunshine | hot and dry | frost | a rainbow after rain | overcast
| a blizzard | calm weather

light: soft light | hard light | warm light | cold light | candlelight | moonlight | sunlight | golden hour
| backlight | neon light | spotlight | deep shadows | light from the left | light from the window | dim light
| strong contrast | low contrast | dappled light | firelight | dark

camera: the camera pans left | the camera pans right | the camera moves forward | the camera moves back
| the camera zooms in | the camera zooms out | the camera stands still | the camera tilts up | a shaky camera
| a close up | a wide shot | a long shot | a bird's eye view | an aerial view | a tracking shot | a slow pan
| a still frame | the camera follows {someone} | the camera turns around {a} {thing}

view: from above | from below | from behind | from the side | from far away | through a window | from a boat
| in a mirror | up close | from the air

size: small | large | tiny | huge | tall | short | wide | narrow | long | little | big

color: red | dark red | crimson | pink | orange | yellow | golden | brown | beige | green | dark green | olive
| turquoise | blue | light blue | navy blue | purple | violet | white | black | gray | silver | colorful | pale
| bright | transparent

count: two | three | four | five | seven | ten | many | a few | a dozen | hundreds of | no

cloth: hat | coat | dress | shirt | scarf | cloak | uniform | suit | apron | veil | gown | jacket | mask | crown

medium: painting | oil painting | watercolor | gouache | tempera painting | acrylic painting | fresco | pastel
| pencil sketch | pencil drawing | charcoal drawing | ink drawing | ink wash painting | pen and ink | chalk drawing
| crayon drawing | etching | engraving | woodcut | linocut | lithograph | screen print | Japanese woodblock print
| ukiyo-e print | mosaic | stained glass window | tapestry | embroidery | collage | paper cutout | cartoon | comic
| comic book panel | manga | anime | storyboard | caricature | poster | pop art poster | pixel art | vector art
| low poly render | 3d render | clay animation | icon | illuminated manuscript | graffiti | mural | oil sketch
| photograph | black and white photograph | old film | illustration | children's book illustration | blueprint | map
| batik | origami | sculpture | relief | marble statue | sand painting | impasto painting | digital painting
| concept art | silhouette | halftone print | risograph | cave painting

movement: impressionism | impressionist | post-impressionism | expressionism | expressionist | cubism | cubist
| fauvism | fauvist | surrealism | surrealist | realism | realist | romanticism | baroque | rococo | renaissance
| mannerism | gothic | medieval | neoclassicism | symbolism | art nouveau | art deco | pointillism | pointillist
| abstract | abstract expressionism | constructivism | suprematism | futurism | dada | bauhaus | de stijl | pop art
| op art | minimalism | naive art | folk art | academic art | barbizon school | pre-raphaelite | vienna secession
| byzantine | icon painting | dutch golden age | ukiyo-e | psychedelic art | street art | photorealism | tenebrism
| luminism | art brut | vaporwave | cyberpunk | steampunk | {school}

palette: bright colors | muted colors | pastel colors | warm colors | cold colors | earth tones | black and white
| sepia | shades of {color} | {color} and {color} | {color}, {color} and {color} | {color} tones
| mostly {color} with a little {color} | neon colors | gold and {color} | a limited palette | pure unmixed colors
| faded colors | high contrast colors | monochrome {color} | complementary colors | two colors only

stroke: thick brush strokes | thin brush strokes | visible brush strokes | short strokes | long flowing strokes
| swirling strokes | small dots | dots of color | dabs of paint | thick paint | impasto | a palette knife
| smooth gradients | blended colors | hatching | cross hatching | fine lines | bold outlines | black contours
| rough edges | soft edges | hard edges | flat areas of color | broad washes | drips and splashes | geometric shapes
| wavy lines | straight lines | loose brushwork | careful detail | sharp edges | scribbles | stippling | glazes

texture: a rough texture | a smooth texture | grain | film grain | canvas texture | paper texture | cracks
| small tiles | wood grain | brushed metal | fabric | stone | glass | wet paint | dry brush | bleeding ink
| halftone dots | paper fibres | gold leaf | dust and scratches | stitches | noise | a regular pattern
| a floral ornament

material: canvas | wood | panel | paper | cardboard | copper | linen | silk | parchment | plaster | a wall | glass
| ceramic | rice paper

mood: gloomy | cheerful | calm | dramatic | dreamy | melancholic | romantic | mysterious | festive | tender | wild
| quiet | solemn | playful | eerie | nostalgic | majestic | intimate | lonely | joyful

quality: bright | dark | colorful | gray | soft | sharp | smooth | rough | abstract | realistic | detailed | simple
| steady | flickering | blurred | clear | warm | cold | old | modern | beautiful | ugly | strange | funny | sad
| happy | expensive | cheap | true | false | good | bad | wet | dry | heavy | light | loud | quiet | empty | full
| flat | deep | fast | slow | thick | thin | vivid | dull | painterly | photographic
"""


def parse(text: str) -> dict[str, list[str]]:
    """Name and alternatives of each rule of a grammar."""
    rules = {}
    for paragraph in text.strip().split("\n\n"):
        name, _, alternatives = paragraph.partition(":")
        rules[name] = re.split(r"\s*\|\s*", alternatives.strip())
    return rules
